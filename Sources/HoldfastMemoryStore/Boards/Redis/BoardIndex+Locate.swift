import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

extension BoardIndex {
    /// A member with its place.
    struct Located: Sendable {
        let entry: BoardEntry
        /// How many members (unique), members of better levels (competition) or better levels (dense) come before it.
        var place: Int

        /// From 1.
        var rank: Int { place + 1 }
    }

    /// A member's row; nil when it is not there.
    func row(of member: Key) async throws(MemoryStoreError) -> BoardRow? {
        // What is asked most goes without everything that many members and shards need.
        guard shards.count == 1 else {
            return try await locate([member]).found[0].map { BoardRow($0.entry, rank: $0.rank) }
        }
        var arguments: [RedisArgument] = []
        arguments.reserveCapacity(heads.locate.count + 1)
        arguments += heads.locate
        arguments.append(.bytes(member.bytes))
        let reply = try await call(.Board.locate, shards[0].keys, arguments)
        guard reply.code == "OK", let nearest = try reply.doubleIfAny(2) else { return nil }
        guard let (score, subscore) = order.pair(nearest, try reply.bytes(3)) else { throw reply.unexpected(3) }
        return BoardRow(rank: try reply.integer(4) + 1, member: member, score: score, subscore: subscore)
    }

    /// Looks members up and counts who comes before them.
    ///
    /// - Parameters:
    ///   - members: Any number; they go out ``rowsPerCall`` at a time.
    ///   - style: What to count; nil takes the board's.
    /// - Returns: In the order asked for, nil for one that is not there; and how many members the board has, which is
    ///   counted only where somebody was found.
    func locate(
        _ members: [Key], style: BoardRules.Ranks? = nil
    ) async throws(MemoryStoreError) -> (found: [Located?], total: Int) {
        let style = style ?? rules.ranks
        let groups = Dictionary(grouping: members.indices) { shard(of: members[$0]) }
        let homes = groups.keys.sorted()
        guard !homes.isEmpty else { return ([], 0) }
        let answers = try await onEach(homes) { [self] shard async throws(MemoryStoreError) in
            var located: [Located?] = []
            var total = 0
            for chunk in (groups[shard] ?? []).chunks(of: Self.rowsPerCall) {
                let reply = try await locate(chunk.map { members[$0] }, style, shard)
                located += reply.found
                total = reply.total
            }
            return (located, total)
        }
        var found = [Located?](repeating: nil, count: members.count)
        for (shard, answer) in zip(homes, answers) {
            for (position, located) in zip(groups[shard] ?? [], answer.0) { found[position] = located }
        }
        guard shards.count > 1 else { return (found, answers[0].1) }
        let total = try await addOtherShards(to: &found, members, style)
        return (found, total)
    }

    private func locate(
        _ members: [Key], _ style: BoardRules.Ranks, _ shard: Int
    ) async throws(MemoryStoreError) -> (found: [Located?], total: Int) {
        let arguments: [RedisArgument] =
            [.string(order.text), "members", .string(style.rawValue)] + members.map { .bytes($0.bytes) }
        let reply = try await call(.Board.locate, shards[shard].keys, arguments, lane: Self.lane(members.count))
        guard reply.code == "OK" else { return (members.map { _ in nil }, 0) }
        guard reply.count == 1 + 3 * members.count else { throw reply.unknownCode }
        var found: [Located?] = []
        for (number, member) in members.enumerated() {
            guard let nearest = try reply.doubleIfAny(2 + 3 * number) else {
                found.append(nil)
                continue
            }
            let prefix = try reply.bytes(3 + 3 * number)
            guard let entry = order.entry(nearest, prefix + member.bytes), entry.member == member else {
                throw reply.unexpected(3 + 3 * number)
            }
            found.append(Located(entry: entry, place: try reply.integer(4 + 3 * number)))
        }
        return (found, try reply.integer(1))
    }

    /// Adds what comes before each in the shards that it is not in; returns how many members all shards have.
    private func addOtherShards(
        to found: inout [Located?], _ members: [Key], _ style: BoardRules.Ranks
    ) async throws(MemoryStoreError) -> Int {
        let present = found.indices.filter { found[$0] != nil }
        guard !present.isEmpty else { return 0 }
        let entries = present.compactMap { found[$0]?.entry }
        if style == .dense {
            let places = try await denseLevels(before: entries.map(\.level))
            for (position, place) in zip(present, places.places) { found[position]?.place = place }
            return places.total
        }
        let anchors = entries.map { style == .unique ? $0.anchor : order.start(of: $0.level) }
        let counts = try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
            try await count(before: anchors, shard)
        }
        // Also the home shard's count is taken from here, so that all are of about the same moment.
        for (number, position) in present.enumerated() {
            found[position]?.place = counts.reduce(0) { $0 + $1.places[number] }
        }
        return counts.reduce(0) { $0 + $1.total }
    }

    /// How many elements of a shard come before each of some places.
    func count(
        before anchors: [BoardAnchor], _ shard: Int
    ) async throws(MemoryStoreError) -> (places: [Int], total: Int) {
        var places: [Int] = []
        var total = 0
        for chunk in anchors.chunks(of: Self.rowsPerCall) {
            var arguments: [RedisArgument] = [.string(order.text), "elements", ""]
            for anchor in chunk { arguments += [BoardNumber.argument(anchor.nearest), .bytes(anchor.bytes)] }
            let reply = try await call(
                .Board.locate, shards[shard].plainKeys, arguments, lane: Self.lane(chunk.count))
            guard reply.code == "OK" else {
                places += chunk.map { _ in 0 }
                continue
            }
            guard reply.count == 1 + chunk.count else { throw reply.unknownCode }
            for number in 0..<chunk.count { places.append(try reply.integer(2 + number)) }
            total = try reply.integer(1)
        }
        return (places, total)
    }

    /// How many members have a score in a range, or at all.
    func count(of scores: ClosedRange<Int64>? = nil) async throws(MemoryStoreError) -> Int {
        let bounds = scores.map { order.bounds(of: $0) } ?? (start: order.top, end: order.bottom)
        return try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
            let places = try await count(before: [bounds.start, bounds.end], shard).places
            return places[1] - places[0]
        }.reduce(0, +)
    }

    /// Submission counts and metadata, in the order asked for; members that are not there have neither.
    func details(of members: [Key]) async throws(MemoryStoreError) -> [BoardDetails] {
        let groups = Dictionary(grouping: members.indices) { shard(of: members[$0]) }
        let homes = groups.keys.sorted()
        guard !homes.isEmpty else { return [] }
        let answers = try await onEach(homes) { [self] shard async throws(MemoryStoreError) in
            var details: [BoardDetails] = []
            for chunk in (groups[shard] ?? []).chunks(of: Self.rowsPerCall) {
                let reply = try await call(
                    .Board.readDetails, [shards[shard].plainKeys[1]],
                    [.string(order.text)] + chunk.map { .bytes(members[$0].bytes) }, lane: .bulk)
                for number in 0..<chunk.count {
                    guard reply.code == "OK" else {
                        details.append(BoardDetails(submissions: 1, metadata: nil))
                        continue
                    }
                    let metadata = try reply.bytes(2 + 2 * number)
                    details.append(
                        BoardDetails(
                            submissions: Int64(try reply.integerIfAny(1 + 2 * number) ?? 0) + 1,
                            metadata: metadata.isEmpty ? nil : try ValueCoding.decode(JSONValue.self, from: metadata)))
                }
            }
            return details
        }
        var details = [BoardDetails](repeating: BoardDetails(submissions: 1, metadata: nil), count: members.count)
        for (shard, answer) in zip(homes, answers) {
            for (position, detail) in zip(groups[shard] ?? [], answer) { details[position] = detail }
        }
        return details
    }
}
