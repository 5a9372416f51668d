import NIOCore

/// The first commands of every connection, and the judgement of their replies.
///
/// RESP2 throughout: hiredis 0.14 takes nothing newer, so there is no HELLO.
struct Handshake: Sendable {
    private let authentication: [RedisArgument]?
    private let clientName: String

    /// Logs in as the configuration says, under `connectionName`.
    init(_ configuration: RedisConfiguration, connectionName: String) {
        authentication = configuration.password.map { password in
            ["AUTH"] + (configuration.username.map { [.string($0)] } ?? []) + [.string(password)]
        }
        clientName = "\(configuration.clientName)-\(connectionName)"
    }

    /// How many replies to wait for.
    var replyCount: Int { authentication == nil ? 2 : 3 }

    /// All commands, to be written at once.
    var request: ByteBuffer {
        var buffer = ByteBuffer()
        if let authentication { _ = RedisCommand.plain(authentication).encode(into: &buffer) }
        _ = RedisCommand.plain(["CLIENT", "SETNAME", .string(clientName)]).encode(into: &buffer)
        _ = RedisCommand.plain(["INFO", "server"]).encode(into: &buffer)
        return buffer
    }

    /// Reads the replies.
    ///
    /// - Throws: ``RedisError``: `denied` when AUTH or a permission failed, otherwise what the reply means.
    func conclude(_ replies: [RedisValue], generation: Int) throws(RedisError) -> RedisServer {
        for (index, reply) in replies.enumerated() {
            guard case .error(let error) = reply else { continue }
            let verdict = RedisError(error)
            // Whatever AUTH dislikes, waiting does not cure it, unless Redis says that it is not ready.
            let refusesLogin = authentication != nil && index == 0 && verdict.code == .server
            throw refusesLogin ? RedisError(.denied, verdict.message, serverError: error) : verdict
        }
        guard let info = replies.last?.string, let server = RedisServer(info: info, generation: generation) else {
            throw RedisError(.protocolViolation, "the far end does not answer INFO like a Redis server")
        }
        return server
    }
}
