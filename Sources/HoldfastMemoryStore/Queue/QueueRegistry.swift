import HoldfastRedis
import HoldfastStorage

/// The names of a deployment's queues, so that any process can look after a queue that no process uses any more.
struct QueueRegistry: Sendable {
    private let context: MemoryStore.Context
    /// Sorted set: names by the time when somebody last used them, ms since 1970 by the clock of that process.
    private let names: [UInt8]

    /// The most names that are read at a time.
    private static let page = 500

    init(_ context: MemoryStore.Context) {
        self.context = context
        names = context.keys.keys("queues", "all")["names"]
    }

    /// Adds names; false when Redis did not take them.
    func add(_ queues: [String]) async -> Bool {
        guard !queues.isEmpty else { return true }
        let now = WallClock.milliseconds()
        return await command(["ZADD", .bytes(names)] + queues.flatMap { [.integer(now), .string($0)] }) != nil
    }

    /// Forgets a name that nobody has added again since `millis`.
    func remove(_ queue: String, unusedSince millis: Int64) async {
        guard let score = await command(["ZSCORE", .bytes(names), .string(queue)])?.string.flatMap({ Double($0) }),
            score < Double(millis)
        else { return }
        _ = await command(["ZREM", .bytes(names), .string(queue)])
    }

    /// Calls `body` with every name.
    func forEach(_ body: (String) async -> Void) async {
        var start = 0
        while !Task.isCancelled {
            let range: [RedisArgument] = [
                "ZRANGE", .bytes(names), .integer(Int64(start)), .integer(Int64(start + Self.page - 1)),
            ]
            guard let found = await command(range)?.array?.compactMap(\.string), !found.isEmpty else { return }
            for name in found { await body(name) }
            start += found.count
        }
    }

    /// Takes on a duty of the whole fleet for a while; false when another process has it.
    func takeOn(_ duty: String, for time: Duration) async -> Bool {
        let key = context.keys.keys("queues", "duty-\(duty)")["holder"]
        let millis = Int64(time / .milliseconds(1))
        return await command(["SET", .bytes(key), "1", "NX", "PX", .integer(millis)])?.string == "OK"
    }

    /// Nil when it failed: duties are tried again soon.
    private func command(_ words: [RedisArgument]) async -> RedisValue? {
        try? await context.redis.command(words, timeout: context.timeout)
    }
}
