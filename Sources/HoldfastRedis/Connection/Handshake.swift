import NIOCore

/// The first commands of every connection, and the judgement of their replies.
///
/// RESP2 throughout: hiredis 0.14 takes nothing newer, so there is no HELLO.
struct Handshake: Sendable {
    private let authentication: [RedisArgument]?
    private let clientName: String
    private let needsMaster: Bool

    /// Logs in as the configuration says, under `connectionName`.
    ///
    /// With `needsMaster` a replica is refused: whoever named it knows no better yet.
    init(_ configuration: RedisConfiguration, connectionName: String, needsMaster: Bool = false) {
        self.needsMaster = needsMaster
        authentication = configuration.password.map { password in
            ["AUTH"] + (configuration.username.map { [.string($0)] } ?? []) + [.string(password)]
        }
        clientName = "\(configuration.clientName)-\(connectionName)"
    }

    /// How many replies to wait for.
    var replyCount: Int { 2 + (authentication == nil ? 0 : 1) + (needsMaster ? 1 : 0) }

    /// All commands, to be written at once.
    var request: ByteBuffer {
        var buffer = ByteBuffer()
        if let authentication { _ = RedisCommand.plain(authentication).encode(into: &buffer) }
        _ = RedisCommand.plain(["CLIENT", "SETNAME", .string(clientName)]).encode(into: &buffer)
        if needsMaster { _ = RedisCommand.plain(["ROLE"]).encode(into: &buffer) }
        _ = RedisCommand.plain(["INFO", "server"]).encode(into: &buffer)
        return buffer
    }

    /// Reads the replies.
    ///
    /// - Throws: ``RedisError``: `denied` when AUTH or a permission failed, `unavailable` for a replica where a master
    ///   is needed, otherwise what the reply means.
    func conclude(
        _ replies: [RedisValue], address: RedisConfiguration.Address, generation: Int
    ) throws(RedisError) -> RedisServer {
        for (index, reply) in replies.enumerated() {
            guard case .error(let error) = reply else { continue }
            let verdict = RedisError(error)
            // Whatever AUTH dislikes, waiting does not cure it, unless Redis says that it is not ready.
            let refusesLogin = authentication != nil && index == 0 && verdict.code == .server
            throw refusesLogin ? RedisError(.denied, verdict.message, serverError: error) : verdict
        }
        if needsMaster, let role = replies.dropLast().last?.array?.first?.string, role != "master" {
            throw RedisError(.unavailable, "\(address) is a \(role) now, not a master")
        }
        guard let info = replies.last?.string,
            let server = RedisServer(info: info, address: address, generation: generation)
        else {
            throw RedisError(.protocolViolation, "the far end does not answer INFO like a Redis server")
        }
        return server
    }
}
