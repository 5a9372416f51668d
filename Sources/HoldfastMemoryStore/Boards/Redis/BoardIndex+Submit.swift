import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Synchronization

extension BoardIndex {
    /// The most rows of one script call that writes, and the most members of one that looks them up.
    static let rowsPerCall = 100

    /// Lets scores meet what is stored, each in its turn.
    ///
    /// Goes out ``rowsPerCall`` at a time.
    ///
    /// - Parameter ranked: Whether to ask for ranks, as they are after the last of them.
    /// - Throws: ``MemoryStoreError``: `badInput` before anything was sent, `unavailable` with ``BoardNotLoaded``,
    ///   `conflict` when the board has other rules, `outcomeUnknown` when some may be in place.
    func submitFast(
        _ submissions: [BoardSubmission], ranked: Bool
    ) async throws(MemoryStoreError) -> [BoardOutcome] {
        guard submissions.count <= BoardSubmission.maximumCount else {
            throw MemoryStoreError(
                .badInput, "at most \(BoardSubmission.maximumCount) scores at a time, not \(submissions.count)")
        }
        var changes: [Change] = []
        for submission in submissions {
            changes.append(
                Change(
                    member: submission.member, score: submission.score, subscore: submission.subscore,
                    scoreOperator: submission.scoreOperator ?? rules.scoreOperator,
                    metadata: try submission.metadata.map { value throws(MemoryStoreError) in
                        try BoardSubmission.bytes(of: value)
                    }))
        }
        let results = try await write(changes, ranked: ranked)
        BoardMetrics.fastScores.increment(by: results.count)
        return zip(changes, results).map { $1.outcome(of: $0) }
    }

    /// Replaces metadata and leaves scores as they are.
    ///
    /// - Returns: Whether the member is there.
    func setMetadataFast(_ metadata: JSONValue, for member: Key) async throws(MemoryStoreError) -> Bool {
        let bytes = try BoardSubmission.bytes(of: metadata)
        let change = Change(member: member, score: 0, subscore: 0, scoreOperator: nil, metadata: bytes)
        return try await write([change], ranked: false).first?.entry != nil
    }

    /// Removes members.
    ///
    /// - Returns: How many were there.
    func removeFast(_ members: [Key]) async throws(MemoryStoreError) -> Int {
        let groups = Dictionary(grouping: Set(members)) { shard(of: $0) }
        defer { pages.forget(address) }
        return try await onEach(groups.keys.sorted()) { [self] shard async throws(MemoryStoreError) in
            var removed = 0
            for chunk in (groups[shard] ?? []).chunks(of: Self.rowsPerCall) {
                let arguments = [.string(order.text)] + chunk.map { RedisArgument.bytes($0.bytes) }
                let reply = try await call(.Board.remove, shards[shard].keys, arguments)
                removed += reply.code == "OK" ? try reply.integer(1) : 0
            }
            return removed
        }.reduce(0, +)
    }

    // MARK: Writing

    /// One submission, or a change of metadata alone where it has no operator.
    struct Change {
        let member: Key
        let score: Int64
        let subscore: Int64
        let scoreOperator: ScoreOperator?
        let metadata: [UInt8]?
    }

    /// What a script made of a ``Change``.
    struct Written {
        /// Nil where the member is not there.
        var entry: (score: Int64, subscore: Int64)?
        var mark: Mark
        var submissions: Int64?
        var rank: Int?

        enum Mark: UInt8 {
            case unchanged = 0x30
            case changed = 0x31
            case overflow = 0x4F
            case absent = 0x41
        }

        func outcome(of change: Change) -> BoardOutcome {
            guard let entry, mark != .overflow else {
                return .refused(mark == .overflow ? .overflow : .notAMember)
            }
            let score = BoardScore(
                score: entry.score, subscore: entry.subscore, rank: rank, submissions: submissions)
            return .accepted(score, changed: mark == .changed)
        }
    }

    private func write(_ changes: [Change], ranked: Bool) async throws(MemoryStoreError) -> [Written] {
        guard !changes.isEmpty else { return [] }
        defer { pages.forget(address) }
        // Ranks of a board in parts need the other parts, after this one has answered.
        let isRankedHere = ranked && shards.count == 1
        if changes.count == 1 {
            var written = try await writeChunk(changes[...], shard(of: changes[0].member), ranked: isRankedHere)
            if ranked, shards.count > 1 { await fillRanks(changes, &written) }
            return written
        }
        let groups = Dictionary(grouping: changes.indices) { shard(of: changes[$0].member) }
        let order = groups.keys.sorted()
        let isBegun = Atomic(false)
        let answers: [[Written]]
        do throws(MemoryStoreError) {
            answers = try await onEach(order) { [self] shard async throws(MemoryStoreError) in
                var written: [Written] = []
                // One after the other: a member may occur in several.
                for chunk in (groups[shard] ?? []).chunks(of: Self.rowsPerCall) {
                    written += try await writeChunk(chunk.map { changes[$0] }[...], shard, ranked: isRankedHere)
                    isBegun.store(true, ordering: .relaxed)
                }
                return written
            }
        } catch {
            guard isBegun.load(ordering: .relaxed), error.code != .outcomeUnknown else { throw error }
            throw MemoryStoreError(
                .outcomeUnknown, "only some of the scores are in place: \(error.message)", underlying: error)
        }
        var results = [Written?](repeating: nil, count: changes.count)
        for (shard, written) in zip(order, answers) {
            for (position, result) in zip(groups[shard] ?? [], written) { results[position] = result }
        }
        var complete = results.compactMap { $0 }
        if ranked, shards.count > 1 { await fillRanks(changes, &complete) }
        return complete
    }

    /// Leaves ranks out where they cannot be read: the scores are in place.
    private func fillRanks(_ changes: [Change], _ written: inout [Written]) async {
        guard let found = try? await locate(changes.map(\.member)).found else { return }
        for (position, place) in found.enumerated() { written[position].rank = place?.rank }
    }

    private func writeChunk(
        _ changes: ArraySlice<Change>, _ shard: Int, ranked: Bool
    ) async throws(MemoryStoreError) -> [Written] {
        if let plainOperator = plainOperator(of: changes),
            let written = try await writePlain(changes, shard, ranked: ranked, plainOperator)
        {
            return written
        }
        var arguments = ranked ? heads.submitRanked : heads.submit
        arguments.append(.string(rules.subscoreOperator?.rawValue ?? ""))
        for change in changes {
            let score = BoardNumber(change.score)
            arguments += [
                .bytes(change.member.bytes), .string(change.scoreOperator?.rawValue ?? "keep"),
                BoardNumber.argument(score.nearest), .bytes(order.mark(score, change.subscore)),
                .bytes(change.metadata ?? []),
            ]
        }
        let reply = try await call(.Board.submit, shards[shard].keys, arguments, lane: Self.lane(changes.count))
        guard reply.code == "OK" else { throw reply.unknownCode }
        return try read(reply, changes.count)
    }

    /// The operator that all changes share, where nothing but scores is in play.
    private func plainOperator(of changes: ArraySlice<Change>) -> ScoreOperator? {
        guard rules.ties == .id, rules.ranks != .dense, rules.subscoreOperator == nil,
            !isMarked.load(ordering: .relaxed),
            let first = changes.first?.scoreOperator,
            changes.allSatisfy({
                $0.scoreOperator == first && $0.subscore == 0 && $0.metadata == nil && BoardNumber.isSmall($0.score)
            }),
            changes.count == 1 || Set(changes.map(\.member)).count == changes.count
        else { return nil }
        return first
    }

    /// Nil where the board turned out to hold more than scores.
    private func writePlain(
        _ changes: ArraySlice<Change>, _ shard: Int, ranked: Bool, _ scoreOperator: ScoreOperator
    ) async throws(MemoryStoreError) -> [Written]? {
        var arguments: [RedisArgument] = []
        arguments.reserveCapacity(4 + 2 * changes.count)
        arguments += ranked ? heads.submitRanked : heads.submit
        arguments.append(.string(scoreOperator.rawValue))
        for change in changes {
            arguments.append(.bytes(change.member.bytes))
            arguments.append(.integer(change.score))
        }
        let reply = try await call(
            .Board.submitPlain, shards[shard].plainKeys, arguments, lane: Self.lane(changes.count))
        switch reply.code {
        case "OK": return try readPlain(reply, changes.count, ranked: ranked)
        case "MARKED":
            isMarked.store(true, ordering: .relaxed)
            return nil
        default: throw reply.unknownCode
        }
    }

    /// What ``writePlain`` was answered: flat, so that one score costs no more arrays than it needs.
    private func readPlain(
        _ reply: ScriptReply, _ count: Int, ranked: Bool
    ) throws(MemoryStoreError) -> [Written] {
        let marks = try reply.bytes(1)
        let submissions = rules.countsSubmissions ? count : 0
        guard marks.count == count, reply.count == 1 + count + submissions + (ranked ? count : 0) else {
            throw reply.unexpected(1)
        }
        var written: [Written] = []
        written.reserveCapacity(count)
        for number in 0..<count {
            let place = 2 + number
            var result = Written(mark: marks[number] == Written.Mark.changed.rawValue ? .changed : .unchanged)
            result.entry = (try reply.number(place), 0)
            if submissions > 0 { result.submissions = try reply.number(place + count) }
            if ranked { result.rank = try reply.integer(place + count + submissions) + 1 }
            written.append(result)
        }
        return written
    }

    private func read(_ reply: ScriptReply, _ count: Int) throws(MemoryStoreError) -> [Written] {
        let (scores, marks) = (try reply.list(1), try reply.bytes(2))
        let (submissions, ranks, prefixes) = (try reply.list(3), try reply.list(4), try reply.list(5))
        guard scores.count == count, marks.count == count else { throw reply.unexpected(2) }
        var written: [Written] = []
        written.reserveCapacity(count)
        for number in 1...count {
            guard let mark = Written.Mark(rawValue: marks[number - 1]) else { throw reply.unexpected(2) }
            var result = Written(mark: mark)
            if let nearest = try scores.doubleIfAny(number) {
                guard let entry = order.pair(nearest, try prefixes.bytes(number)) else { throw reply.unexpected(5) }
                result.entry = entry
            }
            result.submissions = try submissions.integerIfAny(number).map { Int64($0) }
            result.rank = try ranks.integerIfAny(number).map { $0 + 1 }
            written.append(result)
        }
        return written
    }

    /// Long commands keep out of the way of short ones.
    static func lane(_ rows: Int) -> RedisLane { rows > 10 ? .bulk : .session }
}

extension Collection where Index == Int {
    /// The elements in their order, at most `count` together.
    func chunks(of count: Int) -> [SubSequence] {
        stride(from: startIndex, to: endIndex, by: count).map { self[$0..<Swift.min($0 + count, endIndex)] }
    }
}
