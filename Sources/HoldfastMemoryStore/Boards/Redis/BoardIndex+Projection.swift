import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

extension BoardIndex {
    /// What became of rows that the store sent after.
    enum Projection: Sendable, Equatable {
        /// All shards have every change up to this one at least.
        case applied(cursor: Int64)
        /// Changes before these are missing: go on after this one.
        case gap(cursor: Int64)
        /// Redis has no such index.
        case absent
    }

    /// Applies rows of the store, each change once and in order, whoever sends them how often.
    ///
    /// Each shard has its own cursor, and each call moves all of them. Rows at or below a cursor are passed over.
    ///
    /// - Parameters:
    ///   - rows: All rows whose last change is within `from` (exclusive) and `through`; any number, in any order.
    ///   - from: The change that they follow.
    ///   - through: The change that they reach.
    ///   - chosen: To which shards; nil for all.
    /// - Throws: ``MemoryStoreError``; some shards, or some of the rows, may have been applied then.
    func apply(
        _ rows: [ScoreRow], from: Int64, through: Int64, to chosen: [Int]? = nil
    ) async throws(MemoryStoreError) -> Projection {
        guard from >= 0, from <= through, rows.allSatisfy({ $0.change > from && $0.change <= through }) else {
            throw MemoryStoreError(.badInput, "rows lie between the changes that they follow and reach")
        }
        // A member that changed twice is told once, as it is in the end.
        var latest: [Key: ScoreRow] = [:]
        for row in rows where row.change > latest[row.member]?.change ?? 0 { latest[row.member] = row }
        let groups = Dictionary(grouping: latest.values) { shard(of: $0.member) }
        defer { pages.forget(address) }
        let answers = try await onEach(chosen ?? Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
            let rows = (groups[shard] ?? []).sorted { $0.change < $1.change }
            return try await apply(rows, from: from, through: through, shard)
        }
        let answer = answers.dropFirst().reduce(answers[0]) { $0.worse($1) }
        switch answer {
        case .applied: BoardMetrics.projectedRows.increment(by: latest.count)
        case .gap: BoardMetrics.gaps.increment()
        case .absent: BoardMetrics.notLoaded.increment()
        }
        return answer
    }

    private func apply(
        _ rows: [ScoreRow], from: Int64, through: Int64, _ shard: Int
    ) async throws(MemoryStoreError) -> Projection {
        var from = from
        var chunks = rows.chunks(of: Self.rowsPerCall)
        if chunks.isEmpty { chunks = [[]] }
        for (number, chunk) in chunks.enumerated() {
            // Nothing of this shard lies between the last row of a chunk and the first one of the next.
            let reached = number == chunks.count - 1 ? through : chunk[chunk.endIndex - 1].change
            var arguments: [RedisArgument] = [.string(order.text), .integer(from), .integer(reached)]
            for row in chunk { arguments += self.arguments(for: row) }
            let value = try await context.evaluate(
                .Board.apply, keys: shards[shard].keys, arguments, lane: Self.lane(chunk.count))
            let reply = try ScriptReply(board: .Board.apply, value, isProjected: isProjected)
            switch reply.code {
            case "OK": from = reached
            case "GAP": return .gap(cursor: Int64(try reply.integer(1)))
            case "ABSENT": return .absent
            default: throw reply.unknownCode
            }
        }
        return .applied(cursor: through)
    }

    private func arguments(for row: ScoreRow) -> [RedisArgument] {
        guard !row.isRemoved else {
            return [.bytes(row.member.bytes), .integer(row.change), "", "", 0, ""]
        }
        let score = BoardNumber(row.score)
        return [
            .bytes(row.member.bytes), .integer(row.change), BoardNumber.argument(score.nearest),
            .bytes(order.prefix(score, row.subscore, reached: row.reached)), .integer(row.submissions - 1),
            .bytes(row.metadata ?? []),
        ]
    }

    /// The change that all shards have reached; nil where Redis lacks the index, or a part of it.
    func cursor() async throws(MemoryStoreError) -> Int64? {
        let cursors = try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) -> Int64? in
            let value = try await context.evaluate(
                .Board.inspect, keys: shards[shard].plainKeys, [.string(order.text)])
            let reply = try ScriptReply(board: .Board.inspect, value, isProjected: isProjected)
            return reply.code == "OK" ? Int64(try reply.integer(2)) : nil
        }
        return cursors.contains(nil) ? nil : cursors.compactMap { $0 }.min()
    }

    // MARK: Making and unmaking

    /// Makes an empty index where there is none: for a season that has no scores yet.
    ///
    /// Where the store feeds it, one in another form is replaced.
    func create() async throws(MemoryStoreError) {
        try await make(isProjected ? 2 : 0)
    }

    /// Empties the index, so that changes are applied from the first one on.
    func reset() async throws(MemoryStoreError) {
        try await make(1)
    }

    private func make(_ how: Int64) async throws(MemoryStoreError) {
        _ = try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
            _ = try await call(.Board.create, shards[shard].allKeys, [.string(order.text), .integer(how)])
        }
        pages.forget(address)
    }

    /// What became of the wish to put a replacement in place.
    enum Promotion: Sendable, Equatable {
        /// It is in place.
        case done
        /// In these shards the index in use has come further, to this change; the others are in place.
        case behind(shards: [Int], cursor: Int64)
        /// It is not there, or not as far as it should be.
        case absent
    }

    /// Puts what ``replacement`` holds in this index' place, at once in each shard; safe to repeat.
    ///
    /// - Parameters:
    ///   - cursor: The change that it must have reached.
    ///   - chosen: Which shards; nil for all.
    ///   - canGoBack: Whether to do it where the index in use has come further.
    func promoteReplacement(
        atLeast cursor: Int64, in chosen: [Int]? = nil, canGoBack: Bool = false
    ) async throws(MemoryStoreError) -> Promotion {
        let next = replacement
        let chosen = chosen ?? Array(shards.indices)
        defer { pages.forget(address) }
        let replies = try await onEach(chosen) { [self] shard async throws(MemoryStoreError) in
            let value = try await context.evaluate(
                .Board.promote, keys: shards[shard].allKeys + next.shards[shard].allKeys,
                [.string(order.text), .integer(cursor), canGoBack ? 1 : 0])
            return try ScriptReply(board: .Board.promote, value, isProjected: isProjected)
        }
        var ahead: [Int] = []
        var reached: Int64 = 0
        for (shard, reply) in zip(chosen, replies) {
            switch reply.code {
            case "OK": continue
            case "AHEAD":
                ahead.append(shard)
                reached = max(reached, Int64(try reply.integer(1)))
            case "GAP", "ABSENT": return .absent
            default: throw reply.unknownCode
            }
        }
        return ahead.isEmpty ? .done : .behind(shards: ahead, cursor: reached)
    }

    /// Removes the index from Redis, and a replacement of it.
    func drop() async throws(MemoryStoreError) {
        let next = replacement
        _ = try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
            let keys = shards[shard].allKeys + next.shards[shard].allKeys
            do throws(RedisError) {
                let words: [RedisArgument] = ["UNLINK"] + keys.map { .bytes($0) }
                _ = try await context.redis.command(words, timeout: context.timeout)
            } catch {
                throw MemoryStoreError(error)
            }
        }
        pages.forget(address)
    }
}

extension BoardIndex.Projection {
    /// The one of two shards that is further behind.
    func worse(_ other: Self) -> Self {
        switch (self, other) {
        case (.absent, _), (_, .absent): .absent
        case (.gap(let one), .gap(let another)): .gap(cursor: min(one, another))
        case (.gap, _): self
        case (_, .gap): other
        case (.applied(let one), .applied(let another)): .applied(cursor: min(one, another))
        }
    }
}
