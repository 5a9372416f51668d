import Logging
import Metrics
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps one user connected: finds the server, connects, shakes hands, waits for the end, rests, and again.
struct ConnectionKeeper: Sendable {
    private let configuration: RedisConfiguration
    private let topology: any Topology
    private let needsMaster: Bool
    private let logger: Logger

    /// Reaches the servers that `topology` names, one after the other; with `needsMaster` replicas are refused.
    init(configuration: RedisConfiguration, topology: any Topology, needsMaster: Bool = false, logger: Logger) {
        self.configuration = configuration
        self.topology = topology
        self.needsMaster = needsMaster
        self.logger = logger
    }

    /// Serves `user` until the task is cancelled or the user is retired.
    func keep(_ user: any ConnectionUser) async {
        var logger = logger
        logger[metadataKey: "holdfast.connection"] = "\(user.name)"
        let reconnects = RedisMetrics.reconnects(of: user.name)
        // Where another server takes over, it is looked for more often.
        let maximum = needsMaster ? min(configuration.maximumBackoff, .seconds(1)) : configuration.maximumBackoff
        var state = ReconnectState(minimum: configuration.minimumBackoff, maximum: maximum)
        var generator = SystemRandomNumberGenerator()
        var generation = 0
        while !Task.isCancelled, !user.isRetired {
            let rest: Duration
            do throws(RedisError) {
                state.attempt()
                let attempt = Attempt()
                let address = try await topology.address(failures: state.failures)
                logger[metadataKey: "holdfast.address"] = "\(address)"
                let channel = try await connect(
                    user, attempt, to: address, generation: generation + 1, limit: limit(failures: state.failures))
                generation += 1
                if generation > 1 { reconnects.increment() }
                state.connected(at: .now)
                logger.debug("connected to Redis", metadata: ["holdfast.generation": "\(generation)"])
                await waitForEnd(of: channel)
                rest = state.lost(at: .now, using: &generator)
                if Task.isCancelled || user.isRetired { break }
                // A connection that never lasts is news once.
                logger.log(
                    level: state.failures == 1 ? .warning : .debug, "lost the connection to Redis",
                    metadata: ["holdfast.error": "\(attempt.end.map { "\($0)" } ?? "unknown")"])
            } catch {
                if Task.isCancelled || user.isRetired { break }
                user.failed(error)
                rest = state.failed(permanently: error.isPermanent, using: &generator)
                // The first failure of a row is news, the others are not.
                logger.log(
                    level: state.failures == 1 ? .warning : .debug, "cannot connect to Redis",
                    metadata: ["holdfast.error": "\(error)", "holdfast.failures": "\(state.failures)"])
            }
            try? await Task.sleep(for: rest)
        }
    }

    /// Waits until the channel is closed, and closes it if the task is cancelled.
    private func waitForEnd(of channel: any Channel) async {
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// A master that may have been replaced gets little time at first: the next one may be known already.
    private func limit(failures: Int) -> Duration {
        let limit = configuration.connectTimeout
        return needsMaster ? min(limit, .seconds(1) * min(failures + 1, 60)) : limit
    }

    /// Makes one attempt, within the time that it is given.
    private func connect(
        _ user: any ConnectionUser, _ attempt: Attempt, to address: RedisConfiguration.Address, generation: Int,
        limit: Duration
    ) async throws(RedisError) -> any Channel {
        var tls: (NIOSSLContext, hostname: String?)?
        if let files = configuration.tls {
            guard case .tcp(let host, _) = address else {
                throw RedisError(.badInput, "TLS to Redis needs a TCP address, not \(address)")
            }
            // An address in digits is verified against the certificate as an address, not as a name.
            let isNumeric = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            tls = (try files.makeContext(), isNumeric ? nil : host)
        }

        let ready = user.eventLoop.makePromise(of: RedisServer.self)
        let handshake = Handshake(configuration, connectionName: user.name, needsMaster: needsMaster)
        let bootstrap = ClientBootstrap(group: user.eventLoop)
            .connectTimeout(TimeAmount(limit))
            .channelOption(
                ChannelOptions.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 * 1024)
            )
            .channelInitializer { [tls] channel in
                attempt.begin(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls.0, serverHostname: tls.hostname))
                    }
                    try pipeline.addHandler(
                        ReplyHandler(
                            user: user, handshake: handshake, address: address, generation: generation, ready: ready
                        ) { attempt.ended($0) })
                }
            }
        let timeout = user.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            ready.fail(RedisError(.unavailable, "\(address) did not answer within \(limit)"))
            attempt.cancel()
        }
        defer { timeout.cancel() }

        let connection = open(bootstrap, address)
        connection.whenFailure { error in
            ready.fail(Self.connectError(error, address))
        }
        do {
            return try await withTaskCancellationHandler {
                _ = try await ready.futureResult.get()
                return try await connection.get()
            } onCancel: {
                attempt.cancel()
                ready.fail(RedisError(.closed, "the Redis client is shut down"))
            }
        } catch let error as RedisError {
            attempt.cancel()
            throw error
        } catch {
            attempt.cancel()
            throw Self.connectError(error, address)
        }
    }

    private func open(
        _ bootstrap: ClientBootstrap, _ address: RedisConfiguration.Address
    ) -> EventLoopFuture<any Channel> {
        switch address {
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            // A peer that vanished is noticed by the kernel too: idle through keepalive, owing an acknowledgement
            // through the user timeout.
            let patience = Int(TimeAmount(configuration.commandTimeout * 2).nanoseconds / 1_000_000)
            return
                bootstrap
                .channelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
                .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(Self.tcp(TCP_KEEPIDLE), value: 15)
                .channelOption(Self.tcp(TCP_KEEPINTVL), value: 5)
                .channelOption(Self.tcp(TCP_KEEPCNT), value: 3)
                .channelOption(Self.tcp(TCP_USER_TIMEOUT), value: patience)
                .connect(host: host, port: port)
        }
    }

    private static func tcp(_ option: Int32) -> ChannelOptions.Types.SocketOption {
        ChannelOptions.tcpOption(NIOBSDSocket.Option(rawValue: option))
    }

    private static func connectError(_ error: any Error, _ address: RedisConfiguration.Address) -> RedisError {
        switch error {
        case let error as RedisError: error
        case SocketAddressError.unixDomainSocketPathTooLong:
            RedisError(.badInput, "the path of the Redis socket is longer than 107 bytes: \(address)")
        default: RedisError(.unavailable, "cannot connect to \(address): \(reason(error))", underlying: error)
        }
    }

    /// The system's word for a failure, where it has one.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            return String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            if let last = error.connectionErrors.last { return reason(last.error) }
            return (error.dnsAError ?? error.dnsAAAAError).map { "the name is not known (\($0))" } ?? "\(error)"
        default:
            return "\(error)"
        }
    }
}

/// The channel of one attempt, so that it can be given up, and why it ended.
private final class Attempt: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isCancelled = false
        var end: RedisError?
    }

    private let state = Mutex(State())

    func begin(_ channel: any Channel) {
        let isCancelled = state.withLock { state in
            state.channel = channel
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    var end: RedisError? { state.withLock { $0.end } }

    func ended(_ reason: RedisError) {
        state.withLock { $0.end = reason }
    }

    func cancel() {
        let channel = state.withLock { state in
            state.isCancelled = true
            return state.channel
        }
        channel?.close(promise: nil)
    }
}
