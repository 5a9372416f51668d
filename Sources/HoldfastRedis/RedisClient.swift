import HoldfastScripts
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A client of one Redis server that any number of tasks share.
///
/// Concurrent commands are pipelined over one connection per lane. Connections are made and kept by ``run()``;
/// commands that are called earlier, or while the connection is down, wait for it until their deadline. Every
/// call ends at its deadline at the latest.
///
/// Commands that change the state of a connection (SELECT, MULTI, SUBSCRIBE, MONITOR, HELLO, CLIENT REPLY) must not
/// be sent: others share it.
public final class RedisClient: Service, Sendable {
    private enum Life {
        case new
        case running
        case ended
    }

    /// What it was made with.
    public let configuration: RedisConfiguration
    /// The session lane's event loop as a task executor: a long-lived light loop that runs there, by
    /// `withTaskExecutorPreference`, awaits replies without changing threads.
    ///
    /// Whatever else runs there delays every command of the lane.
    public let executor: any TaskExecutor
    private let session: RedisConnection
    private let bulk: RedisConnection
    private let blocking: RedisConnection
    let hub: SubscriptionHub
    private let keeper: ConnectionKeeper
    private let metrics: RedisMetrics
    private let life = Mutex(Life.new)
    /// Connections asked for, in the order of their first use.
    private let requests: AsyncStream<any ConnectionUser>
    private let requestConnection: AsyncStream<any ConnectionUser>.Continuation

    /// Makes a client.
    ///
    /// Nothing is opened before ``run()``.
    public init(
        configuration: RedisConfiguration, logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        let (requests, requestConnection) = AsyncStream.makeStream(of: (any ConnectionUser).self)
        func lane(_ lane: RedisLane) -> RedisConnection {
            RedisConnection(lane: lane, configuration: configuration, eventLoop: eventLoopGroup.next()) {
                requestConnection.yield($0)
            }
        }
        self.configuration = configuration
        self.requests = requests
        self.requestConnection = requestConnection
        self.metrics = RedisMetrics()
        self.session = lane(.session)
        self.bulk = lane(.bulk)
        self.blocking = lane(.blocking)
        self.hub = SubscriptionHub(
            eventLoop: eventLoopGroup.next(), keepAlive: TimeAmount(configuration.commandTimeout), logger: logger,
            metrics: metrics
        ) { requestConnection.yield($0) }
        self.executor = EventLoopTaskExecutor(session.eventLoop)
        self.keeper = ConnectionKeeper(
            configuration: configuration, topology: StandaloneTopology(fixed: configuration.address), logger: logger)
    }

    // MARK: Life

    /// Keeps the connections until the task is cancelled or a graceful shutdown begins.
    ///
    /// When it returns nobody waits any longer: unsent commands have failed as `closed`, sent ones as
    /// `outcomeUnknown`, and subscriptions have ended.
    ///
    /// - Throws: ``RedisError`` with `closed` when it was called before.
    public func run() async throws {
        let isFirst = life.withLock { life in
            guard life == .new else { return false }
            for lane in lanes { lane.connecting() }
            life = .running
            return true
        }
        guard isFirst else { throw RedisError(.closed, "a Redis client runs once only") }
        session.requestConnection()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.recordInFlight() }
                for await user in self.requests {
                    group.addTask { await self.keeper.keep(user) }
                }
                group.cancelAll()
            }
        }
        life.withLock { $0 = .ended }
        requestConnection.finish()
        for lane in lanes { lane.shutDown() }
        hub.shutDown()
    }

    /// Waits until Redis answers on the session lane.
    ///
    /// - Throws: ``RedisError`` with `deadline` when it does not in time, `denied` or `badInput` as soon as
    ///   waiting is in vain, `notRunning` without ``run()``.
    public nonisolated(nonsending) func waitUntilConnected(
        timeout: Duration = .seconds(10)
    ) async throws(RedisError) {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        while true {
            let left = deadline - .now()
            do throws(RedisError) {
                _ = try await command(["PING"], timeout: .nanoseconds(max(0, left.nanoseconds)))
                return
            } catch {
                // LOADING and its like: up, but not ready.
                guard error.code == .unavailable, NIODeadline.now() < deadline else { throw error }
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw RedisError(.cancelled, "the task was cancelled")
            }
        }
    }

    /// The server at the far end of a lane; nil while it is disconnected.
    public func server(lane: RedisLane = .session) -> RedisServer? {
        connection(lane).server
    }

    // MARK: Commands

    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - arguments: The command's name and arguments.
    ///   - lane: The connection to use. Commands that block inside Redis belong on `.blocking`, large ones on `.bulk`.
    ///   - timeout: Limit from the call to the reply; nil takes the configuration's. Give a blocking command
    ///     more than it blocks for.
    /// - Returns: The reply; errors nested in an array are values.
    /// - Throws: ``RedisError``; its code tells whether the command can have taken effect.
    public nonisolated(nonsending) func command(
        _ arguments: [RedisArgument], lane: RedisLane = .session, timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        guard !arguments.isEmpty else { throw RedisError(.badInput, "a command needs a name") }
        let limit = TimeAmount(timeout ?? configuration.commandTimeout)
        let command = RedisCommand.plain(arguments)
        let length = try Self.checkedLength(of: command)
        return try await Self.value(
            connection(lane).send(command, length: length, deadline: .now() + limit, timeout: limit))
    }

    /// Runs a script by EVALSHA, and in full where Redis does not know it.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: Every key it touches.
    ///   - arguments: Its ARGV.
    ///   - lane: The connection to use.
    ///   - timeout: Limit from the call to the reply; nil takes the configuration's.
    /// - Returns: What the script returns; errors nested in an array are values.
    /// - Throws: ``RedisError``; its code tells whether the script can have taken effect.
    public nonisolated(nonsending) func evaluate(
        _ script: Script, keys: [[UInt8]], arguments: [RedisArgument], lane: RedisLane = .session,
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let limit = TimeAmount(timeout ?? configuration.commandTimeout)
        let start = NIODeadline.now()
        let connection = connection(lane)
        let command = RedisCommand.script(script, bySource: false, keys: keys, arguments: arguments)
        let length = try Self.checkedLength(of: command)
        var reply = await connection.send(command, length: length, deadline: start + limit, timeout: limit)
        if case .success(.error(let error)) = reply, error.prefix == "NOSCRIPT" {
            metrics.noScript.increment()
            let complete = RedisCommand.script(script, bySource: true, keys: keys, arguments: arguments)
            reply = await connection.send(
                complete, length: complete.maximumLength, deadline: start + limit, timeout: limit)
        }
        // One in 64, chosen by the low bits of the clock: no counter to share, and cheap.
        let end = NIODeadline.now()
        if (end.uptimeNanoseconds >> 6) & 63 == 0 {
            metrics.scriptSeconds.recordNanoseconds((end - start).nanoseconds)
        }
        return try Self.value(reply)
    }

    /// Subscribes to a channel.
    ///
    /// Returns at once; the first event is `reconnected`, when Redis has confirmed it.
    public func subscribe(_ channel: String) -> RedisSubscription {
        hub.subscribe(channel)
    }

    /// Whether ``run()`` is under way.
    var isRunning: Bool { life.withLock { $0 == .running } }

    private var lanes: [RedisConnection] { [session, bulk, blocking] }

    private func connection(_ lane: RedisLane) -> RedisConnection {
        switch lane {
        case .session: session
        case .bulk: bulk
        case .blocking: blocking
        }
    }

    /// Refuses what Redis refuses by hanging up.
    private static func checkedLength(of command: RedisCommand) throws(RedisError) -> Int {
        let length = command.maximumLength
        guard length <= ReplyReader.maximumValueBytes else {
            throw RedisError(.badInput, "a command exceeds \(ReplyReader.maximumValueBytes) bytes")
        }
        return length
    }

    private static func value(_ reply: RedisConnection.Reply) throws(RedisError) -> RedisValue {
        let value = try reply.get()
        if case .error(let error) = value { throw RedisError(error) }
        return value
    }

    /// Commands of a lane that are queued, wait or await their reply.
    func inFlight(_ lane: RedisLane) -> Int { connection(lane).inFlight }

    private func recordInFlight() async {
        while !Task.isCancelled {
            for lane in RedisLane.allCases { metrics.recordInFlight(inFlight(lane), lane: lane) }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
