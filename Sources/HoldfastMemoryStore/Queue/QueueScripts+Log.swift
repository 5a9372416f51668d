import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// The durable log on its way to Redis.
extension QueueScripts {
    /// How far the log of this generation was pushed.
    func cursor(of generation: RandomID) async throws(MemoryStoreError) -> Int64 {
        let reply = try await call(.Queue.cursor) { _ in [.bytes(generation.bytes)] }
        guard reply.code == "CURSOR" else { throw reply.unknownCode }
        return try reply.number(1)
    }

    /// Entries of a durable log on their way to Redis.
    struct Push: Sendable {
        let generation: RandomID
        /// A place beyond the log's end that Redis has to forget.
        var beyond: Int64?
        /// The entries begin after this one.
        let after: Int64
        let entries: [LogEntry]
    }

    /// What became of a push.
    enum PushOutcome: Sendable, Equatable {
        case pushed(cursor: Int64, taken: Int, isFull: Bool)
        /// Redis knows no more than this.
        case behind(Int64)
    }

    func push(_ push: Push, limits: QueueLimits) async throws(MemoryStoreError) -> PushOutcome {
        var arguments: [RedisArgument] = [
            .integer(limits.items), .integer(limits.bytes), .bytes(push.generation.bytes),
            push.beyond.map { .integer($0) } ?? .bytes([]), .integer(push.after),
        ]
        for entry in push.entries {
            arguments += [
                .integer(entry.sequence), .bytes(entry.id.bytes), .string("\(entry.priority)"),
                .integer(max(entry.createdAtMillis, 0)), .integer(entry.expiresAtMillis ?? Int64(1) << 52),
                .bytes(entry.value),
            ]
        }
        let reply = try await call(.Queue.push, lane: .bulk) { [arguments] _ in arguments }
        switch reply.code {
        case "PUSHED":
            return .pushed(
                cursor: try reply.number(1), taken: Int(try reply.number(2)), isFull: try reply.number(3) == 1)
        case "BEHIND": return .behind(try reply.number(1))
        default: throw reply.unknownCode
        }
    }

    /// The entries that were pushed and are no longer held.
    func gone(
        of entries: [LogEntry], generation: RandomID
    ) async throws(MemoryStoreError) -> [RandomID] {
        let reply = try await call(.Queue.held) { _ in
            [.bytes(generation.bytes)] + entries.flatMap { [.integer($0.sequence), .bytes($0.id.bytes)] }
        }
        switch reply.code {
        case "GONE": return try ids(reply, from: 1)
        case "OTHER": return []
        default: throw reply.unknownCode
        }
    }
}
