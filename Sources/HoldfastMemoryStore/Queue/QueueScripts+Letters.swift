import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// Dead letters.
extension QueueScripts {
    /// A dead letter as it is stored.
    struct Letter: Sendable {
        let item: StoredQueueItem
        let diedAtMillis: Int64
    }

    /// Nil when there is no letter `after` which to begin.
    func letters(_ count: Int, after: RandomID?) async throws(MemoryStoreError) -> [Letter]? {
        let reply = try await call(.Queue.dead, lane: .bulk) { _ in
            [.integer(Int64(count)), .bytes(after?.bytes ?? [])]
        }
        guard reply.code == "LETTERS" else { return nil }
        var letters: [Letter] = []
        for index in stride(from: 1, through: reply.count - 3, by: 4) {
            let item = try StoredQueueItem(
                id: id(reply, index), attempts: Int(reply.number(index + 1)), bytes: reply.bytes(index + 3))
            letters.append(Letter(item: item, diedAtMillis: try reply.number(index + 2)))
        }
        return letters
    }

    /// What a requeue did: the letters that the store holds, too, were left alone.
    func requeue(
        _ ids: [RandomID], lifeMillis: Int64?, limits: QueueLimits
    ) async throws(MemoryStoreError) -> (Addition, durable: [StoredQueueItem]) {
        let reply = try await call(.Queue.requeue, lane: .bulk) { _ in
            [
                .integer(limits.items), .integer(limits.bytes), lifeMillis.map { .integer($0) } ?? .bytes([]),
            ] + ids.map { .bytes($0.bytes) }
        }
        let outcome = try addition(reply, added: "REQUEUED")
        guard case .added = outcome else { return (outcome, []) }
        var durable: [StoredQueueItem] = []
        for index in stride(from: 2, through: reply.count - 1, by: 2) {
            durable.append(try StoredQueueItem(id: id(reply, index), attempts: 0, bytes: reply.bytes(index + 1)))
        }
        return (outcome, durable)
    }

    /// How many letters were deleted, and which of them the store holds, too.
    func discard(_ letters: [RandomID]) async throws(MemoryStoreError) -> (count: Int, durable: [RandomID]) {
        let reply = try await call(.Queue.discard) { _ in letters.map { .bytes($0.bytes) } }
        guard reply.code == "DISCARDED" else { throw reply.unknownCode }
        return (Int(try reply.number(1)), try ids(reply, from: 2))
    }
}
