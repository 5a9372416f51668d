import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Logging
import Synchronization

/// Coordinates servers through Redis: leases, beats and inboxes, each step one atomic script.
///
/// Requests are safe to repeat after `outcomeUnknown`: the scripts recognise the same nonce. Leases and beats
/// travel on the session lane, hot copies and listings on the bulk lane, waiting for messages on the blocking
/// lane, so that none waits behind another.
public final class RedisCoordinationBackend: CoordinationBackend {
    let client: RedisClient
    let keys: RedisKeys
    let mode: String
    let timeout: Duration
    let hotCopyMillis: Int64
    let counterMillis = BackendLimits.counterLife.wholeMillis
    /// One for each server that holds keys.
    let budgets = Mutex<[RedisNode: HotCopyBudget]>([:])
    let clusterMode = Mutex<Bool?>(nil)
    let logger: Logger

    /// Wraps a client, which ``run()`` then runs.
    ///
    /// - Parameters:
    ///   - client: Used by this backend alone, or run by it at least.
    ///   - deployment: The name under which keys are kept; several deployments may share one Redis.
    ///   - mode: What ``status()`` calls this Redis, such as `embedded`; nil takes the client's topology: `standalone`,
    ///     `sentinel` or `cluster`.
    ///   - timeout: The deadline of each command.
    ///   - hotCopyLife: How long a hot copy is kept after its save; 1 ms to 400 days.
    ///   - logger: Told at debug level of hints and hot copies that were dropped.
    public init(
        client: RedisClient, deployment: String, mode: String? = nil, timeout: Duration = .seconds(5),
        hotCopyLife: Duration = .seconds(600), logger: Logger = Logger(label: "holdfast.coordination")
    ) {
        self.client = client
        self.keys = RedisKeys(deployment: deployment)
        self.mode = mode ?? client.configuration.topology.description
        self.timeout = timeout
        self.hotCopyMillis = max(hotCopyLife.wholeMillis, 1)
        self.logger = logger
    }

    /// Runs the client until cancelled.
    public func run() async throws {
        try await client.run()
    }

    // MARK: - Deployment

    /// Reads the deployment id; nil where there is none.
    public func deploymentID() async throws(CoordinationError) -> RandomID? {
        let value = try await command(["GET", .bytes(keys.deployment)])
        switch value {
        case .null: return nil
        case .bytes(let bytes):
            guard let id = RandomID(bytes: bytes) else {
                throw CoordinationError(.internalError, "the deployment id in Redis is not 16 bytes long")
            }
            return id
        default: throw CoordinationError(.internalError, "GET answered in an unknown form")
        }
    }

    /// Writes the deployment id where there is none, and returns the one in place.
    public func installDeploymentID(_ id: RandomID) async throws(CoordinationError) -> RandomID {
        try await call(.Deployment.install, keys: [keys.deployment], [.bytes(id.bytes)]).id(1)
    }

    /// Measures one round trip.
    public func status() async throws(CoordinationError) -> BackendStatus {
        let start = ContinuousClock.now
        _ = try await command(["PING"])
        let latency = ContinuousClock.now - start
        let version = client.server(lane: .session)?.version ?? ""
        return BackendStatus(mode: mode, version: version, latency: latency)
    }

    // MARK: - Calls

    func call(
        _ script: Script, keys: [[UInt8]], _ arguments: [RedisArgument] = [], lane: RedisLane = .session
    ) async throws(CoordinationError) -> ScriptReply {
        let value: RedisValue
        do {
            value = try await client.evaluate(script, keys: keys, arguments: arguments, lane: lane, timeout: timeout)
        } catch {
            throw CoordinationError(error)
        }
        return try ScriptReply(script, value)
    }

    func command(
        _ arguments: [RedisArgument], lane: RedisLane = .session, wait: Duration = .zero
    ) async throws(CoordinationError) -> RedisValue {
        do {
            return try await client.command(arguments, lane: lane, timeout: timeout + wait)
        } catch {
            throw CoordinationError(error)
        }
    }

    /// Sends a command to one of the servers that hold the keys.
    func command(
        _ arguments: [RedisArgument], on node: RedisNode, lane: RedisLane
    ) async throws(CoordinationError) -> RedisValue {
        do {
            return try await client.command(arguments, on: node, lane: lane, timeout: timeout)
        } catch {
            throw CoordinationError(error)
        }
    }

    /// What a server's INFO says, as text; any server of a cluster where none is named.
    func info(
        _ section: String, on node: RedisNode? = nil, lane: RedisLane
    ) async throws(CoordinationError) -> String {
        let words: [RedisArgument] = ["INFO", .string(section)]
        let reply: RedisValue
        if let node {
            reply = try await command(words, on: node, lane: lane)
        } else {
            reply = try await command(words, lane: lane)
        }
        guard case .bytes(let bytes) = reply else {
            throw CoordinationError(.internalError, "INFO answered in an unknown form")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
