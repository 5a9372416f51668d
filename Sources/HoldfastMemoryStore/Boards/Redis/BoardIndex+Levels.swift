import HoldfastRedis
import HoldfastScripts

/// Dense ranks of a board in shards: two shards may have the same level, so counts do not add up, and the levels
/// themselves are joined.
extension BoardIndex {
    /// The most distinct levels above a place that dense ranks of a board in shards are counted over.
    static let maximumLevels = 200_000
    private static let levelsPerCall = 1_000

    /// How many distinct levels come before each of some levels, and how many members the board has.
    ///
    /// - Throws: ``MemoryStoreError`` with code `full` where there are more than ``maximumLevels``.
    func denseLevels(
        before levels: [BoardAnchor]
    ) async throws(MemoryStoreError) -> (places: [Int], total: Int) {
        guard let last = levels.max(by: { order.isBefore($0, $1) }) else { return ([], 0) }
        let answers = try await onEach(Array(shards.indices)) { [self] shard async throws(MemoryStoreError) in
            let total = try await count(before: [order.top], shard).total
            return (try await self.levels(before: order.start(of: last), shard), total)
        }
        var union: Set<BoardAnchor> = []
        for answer in answers { union.formUnion(answer.0) }
        let sorted = union.sorted { order.isBefore($0, $1) }
        let places = levels.map { level in
            // The first that does not come before it.
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if order.isBefore(sorted[middle], level) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return (places, answers.reduce(0) { $0 + $1.1 })
    }

    /// The levels of one shard that come before a place, in their order.
    private func levels(
        before end: BoardAnchor, _ shard: Int
    ) async throws(MemoryStoreError) -> [BoardAnchor] {
        var levels: [BoardAnchor] = []
        var anchor = order.top
        while true {
            let place = (BoardNumber.argument(anchor.nearest), RedisArgument.bytes(anchor.bytes))
            let reply = try await call(
                .Board.readPage, [shards[shard].allKeys[2], shards[shard].allKeys[1]],
                [
                    .string(order.text), "", "", place.0, place.1, 0, .integer(Int64(Self.levelsPerCall)), "", "",
                    BoardNumber.argument(end.nearest), .bytes(end.bytes),
                ], lane: .bulk)
            guard reply.code == "OK" else { return levels }
            let rows = try reply.array(8)
            var fresh: [BoardAnchor] = []
            for index in stride(from: 0, to: rows.count - 1, by: 2) {
                guard let bytes = rows[index].bytes, let nearest = BoardNumber.double(rows[index + 1]) else {
                    throw reply.unexpected(8)
                }
                fresh.append(BoardAnchor(nearest: nearest, bytes: bytes))
            }
            // The anchor itself comes first where it is still there.
            let following = fresh.drop { $0 == anchor }
            guard let last = following.last else { return levels }
            // A level is told apart from others of its score by its mark; the score at its end is for Redis.
            levels += following.map { BoardAnchor(nearest: $0.nearest, bytes: order.mark(ofLevel: $0)) }
            guard levels.count <= Self.maximumLevels else {
                throw MemoryStoreError(
                    .full, "dense ranks of a board in shards reach \(Self.maximumLevels) distinct scores")
            }
            anchor = last
        }
    }
}
