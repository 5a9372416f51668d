import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

extension BoardIndex {
    /// Where reading starts from.
    enum PageAnchor: Sendable {
        case member(Key)
        case place(BoardAnchor)
    }

    /// Rows that follow each other, and where they stand.
    struct Window: Sendable {
        /// How many members the board has.
        var total: Int
        /// How many come before the anchor.
        var anchor: Int
        /// Whether the anchor itself is there.
        var isAnchorThere: Bool
        /// How many come before the part's beginning, and before its end.
        var part: Range<Int>
        /// How many come before the first row.
        var start: Int
        /// In the board's order; the anchor among them where it is there.
        var entries: [BoardEntry]
        /// The place of the first row in the board's style, where it was asked for and there is a row.
        var firstPlace: Int?

        /// Nothing at all.
        static let empty = Window(
            total: 0, anchor: 0, isAnchorThere: false, part: 0..<0, start: 0, entries: [], firstPlace: nil)
    }

    /// Reads up to `before` rows before an anchor and `after` rows after it; both together at most 1,000.
    ///
    /// - Parameter part: The score range to read in; an anchor outside it stands at its nearer end.
    /// - Returns: Nil where the anchor is a member that is not there.
    func window(
        around anchor: PageAnchor, before: Int, after: Int, in part: ClosedRange<Int64>? = nil
    ) async throws(MemoryStoreError) -> Window? {
        let bounds = part.map { order.bounds(of: $0) }
        guard shards.count > 1 else {
            return try await window(anchor, before, after, bounds, style: rules.ranks.rawValue, shard: 0)
        }
        // A member is known to one shard only, which tells where it stands.
        var answers = [Window?](repeating: nil, count: shards.count)
        var place: BoardAnchor
        switch anchor {
        case .place(let anchor): place = anchor
        case .member(let member):
            let home = shard(of: member)
            guard let answer = try await window(anchor, before, after, bounds, style: "", shard: home),
                let entry = answer.entries.first(where: { $0.member == member })
            else { return nil }
            answers[home] = answer
            place = entry.anchor
        }
        let missing = answers.indices.filter { answers[$0] == nil }
        let others = try await onEach(missing) { [self, place] shard async throws(MemoryStoreError) in
            try await window(.place(place), before, after, bounds, style: "", shard: shard)
        }
        for (shard, answer) in zip(missing, others) { answers[shard] = answer }
        var merged = Window.merge(answers.compactMap { $0 }, before: before, after: after, order)
        if let first = merged.entries.first { merged.firstPlace = try await styledPlace(of: first, at: merged.start) }
        return merged
    }

    /// The place in the board's style of a row that is known to be the `position`th, from 0.
    private func styledPlace(of entry: BoardEntry, at position: Int) async throws(MemoryStoreError) -> Int {
        switch rules.ranks {
        case .unique: return position
        case .competition:
            return try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
                try await count(before: [order.start(of: entry.level)], shard).places[0]
            }.reduce(0, +)
        case .dense: return try await denseLevels(before: [entry.level]).places[0]
        }
    }

    private func window(
        _ anchor: PageAnchor, _ before: Int, _ after: Int, _ part: (start: BoardAnchor, end: BoardAnchor)?,
        style: String, shard: Int
    ) async throws(MemoryStoreError) -> Window? {
        var arguments: [RedisArgument] = [.string(order.text), .string(style)]
        switch anchor {
        case .member(let member): arguments += [.bytes(member.bytes), "", ""]
        case .place(let place): arguments += ["", BoardNumber.argument(place.nearest), .bytes(place.bytes)]
        }
        arguments += [.integer(Int64(before)), .integer(Int64(after))]
        for bound in [part?.start, part?.end] {
            arguments += bound.map { [BoardNumber.argument($0.nearest), .bytes($0.bytes)] } ?? ["", ""]
        }
        let reply = try await call(
            .Board.readPage, shards[shard].keys, arguments, lane: Self.lane(before + after))
        switch reply.code {
        case "OK": break
        case "NOT_THERE": return nil
        case "ABSENT":
            guard case .place = anchor else { return nil }
            return .empty
        default: throw reply.unknownCode
        }
        let rows = try reply.array(8)
        var entries: [BoardEntry] = []
        entries.reserveCapacity(rows.count / 2)
        for index in stride(from: 0, to: rows.count - 1, by: 2) {
            guard let element = rows[index].bytes, let nearest = BoardNumber.double(rows[index + 1]),
                let entry = order.entry(nearest, element)
            else { throw MemoryStoreError(.corrupt, "a board holds an element that is none of its own") }
            entries.append(entry)
        }
        let low = try reply.integer(4)
        return Window(
            total: try reply.integer(1), anchor: try reply.integer(2), isAnchorThere: try reply.integer(3) == 1,
            part: low..<max(low, try reply.integer(5)), start: try reply.integer(6), entries: entries,
            firstPlace: try reply.integerIfAny(7))
    }
}

extension BoardIndex.Window {
    /// Joins the shards' rows into the board's: places add up, rows are merged, the nearest to the anchor are kept.
    static func merge(_ shards: [Self], before: Int, after: Int, _ order: BoardOrder) -> Self {
        func sorted(_ entries: [BoardEntry]) -> [BoardEntry] {
            entries.sorted { order.isBefore($0.anchor, $1.anchor) }
        }
        let above = sorted(shards.flatMap { $0.entries.prefix(max(0, $0.anchor - $0.start)) }).suffix(before)
        let isAnchorThere = shards.contains { $0.isAnchorThere }
        let below = sorted(shards.flatMap { $0.entries.dropFirst(max(0, $0.anchor - $0.start)) })
            .prefix(after + (isAnchorThere ? 1 : 0))
        let anchor = shards.reduce(0) { $0 + $1.anchor }
        let low = shards.reduce(0) { $0 + $1.part.lowerBound }
        return Self(
            total: shards.reduce(0) { $0 + $1.total }, anchor: anchor, isAnchorThere: isAnchorThere,
            part: low..<max(low, shards.reduce(0) { $0 + $1.part.upperBound }), start: anchor - above.count,
            entries: Array(above + below), firstPlace: nil)
    }
}
