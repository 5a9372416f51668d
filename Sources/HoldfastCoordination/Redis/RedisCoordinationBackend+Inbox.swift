import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Logging

extension RedisCoordinationBackend {
    /// Puts a message into a server's inbox, where the last 10,000 wait.
    public func send(_ message: InboxMessage, to server: String) async throws(CoordinationError) {
        try BackendLimits.check(server: server)
        _ = try await call(
            .Server.send, keys: [keys.inbox(server)],
            [
                .bytes(message.redisBytes), .integer(Int64(BackendLimits.inboxMessages)),
                .integer(BackendLimits.inboxLifeMillis),
            ]
        )
    }

    /// Takes up to 1,000 messages, waiting for the first on the blocking lane.
    ///
    /// One call at a time waits for each client; further ones wait for it. A call that is cancelled meanwhile
    /// may lose the message that arrives next; messages are hints.
    public func receive(server: String, wait: Duration) async throws(CoordinationError) -> [InboxMessage] {
        try BackendLimits.check(server: server)
        let inbox = RedisArgument.bytes(keys.inbox(server))
        var taken: [RedisValue] = []
        let millis = wait.wholeMillis
        // A timeout of 0 would wait for ever.
        if millis >= 1 {
            let seconds = "\(millis / 1_000).\(String(millis % 1_000 + 1_000).dropFirst())"
            let first = try await command(["BLPOP", inbox, .string(seconds)], lane: .blocking, wait: wait)
            guard case .array(let pair) = first, pair.count == 2 else { return [] }
            taken.append(pair[1])
        }
        do throws(CoordinationError) {
            let most = BackendLimits.receiveBatch - taken.count
            if case .array(let rest) = try await command(["LPOP", inbox, .integer(Int64(most))]) { taken += rest }
        } catch {
            // What was taken already counts more than the failure, which the next call meets again.
            guard !taken.isEmpty else { throw error }
        }
        return taken.compactMap { value in
            guard case .bytes(let bytes) = value, let message = InboxMessage(redisBytes: bytes) else {
                logger.debug("dropped a message of an unknown form")
                return nil
            }
            return message
        }
    }
}
