import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Synchronization

/// The inbox of one server in Redis; what all handles of it in this process share.
final class InboxQueue: Sendable {
    /// What became of a message.
    enum State: Sendable {
        case waiting, acknowledged, gone
    }

    /// One delivery of one message.
    struct Item: Sendable {
        var id: RandomID
        var deliveries: Int64
        var sentAtMillis: Int64
        var expiresAtMillis: Int64
        var value: [UInt8]
    }

    /// The most messages that wait.
    private let capacity: Int64
    /// How many acknowledgements are remembered, in case Redis never got them.
    private static let remembered = 4_096

    let server: String
    let context: MemoryStore.Context
    let keys: KeySpace.Keys
    private let handled = Mutex(RecentIDs(capacity: remembered))

    init(server: String, context: MemoryStore.Context, capacity: Int64 = 1_000) {
        self.server = server
        self.capacity = capacity
        self.context = context
        keys = context.keys.keys("inbox", server)
    }

    /// Those who wait for acknowledgements listen here.
    var acknowledgements: String { keys.base + "acknowledged" }

    func send(
        _ value: [UInt8], id: RandomID, lifeMillis: Int64, within limit: Duration
    ) async throws(MemoryStoreError) {
        let reply = try await evaluate(
            .Message.send,
            [
                .bytes(id.bytes), .integer(lifeMillis), .bytes(value), .integer(capacity),
                .string(keys.hints),
            ], within: limit)
        switch reply.code {
        case "SENT", "KNOWN": return
        case "FULL":
            throw MemoryStoreError(.full, "the inbox of \(server) holds \(try reply.number(1)) messages")
        default: throw reply.unknownCode
        }
    }

    /// Takes what waits, without what this process has acknowledged already.
    func receive(_ count: Int, redeliverAfter hidden: Duration) async throws(MemoryStoreError) -> [Item] {
        while true {
            let reply = try await evaluate(
                .Message.receive, [.integer(Int64(count)), .integer(Int64(hidden / .milliseconds(1)))])
            var items: [Item] = []
            for index in stride(from: 1, to: reply.count, by: 5) {
                guard let id = RandomID(bytes: try reply.bytes(index)) else { throw reply.unknownCode }
                items.append(
                    Item(
                        id: id, deliveries: try reply.number(index + 1), sentAtMillis: try reply.number(index + 2),
                        expiresAtMillis: try reply.number(index + 3), value: try reply.bytes(index + 4)))
            }
            MessageMetrics.record(items, now: WallClock.milliseconds())
            let again = handled.withLock { handled in items.filter { handled.contains($0.id) }.map(\.id) }
            if !again.isEmpty { try await acknowledge(again) }
            let new = items.filter { !again.contains($0.id) }
            if !new.isEmpty || items.isEmpty { return new }
        }
    }

    func acknowledge(_ ids: [RandomID]) async throws(MemoryStoreError) {
        handled.withLock { handled in
            for id in ids { handled.insert(id) }
        }
        _ = try await evaluate(.Message.acknowledge, [.string(acknowledgements)] + ids.map { .bytes($0.bytes) })
    }

    func inspect(_ id: RandomID, within limit: Duration) async throws(MemoryStoreError) -> State {
        let reply = try await evaluate(.Message.inspect, [.bytes(id.bytes)], within: limit)
        switch reply.code {
        case "WAITING": return .waiting
        case "ACKNOWLEDGED": return .acknowledged
        case "GONE": return .gone
        default: throw reply.unknownCode
        }
    }

    private func evaluate(
        _ script: Script, _ arguments: [RedisArgument], within limit: Duration? = nil
    ) async throws(MemoryStoreError) -> ScriptReply {
        let names = ["waiting", "taken", "messages", "deliveries", "acknowledged"].map { keys[$0] }
        return try ScriptReply(script, try await context.evaluate(script, keys: names, arguments, within: limit))
    }
}
