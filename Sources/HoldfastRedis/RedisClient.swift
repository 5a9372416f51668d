import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A client of one Redis that any number of tasks share: a server, a master that Sentinel watches, or a cluster.
///
/// Concurrent commands are pipelined over one connection per lane and server. Connections are made and kept by
/// ``run()``; commands that are called earlier, or while the connection is down, wait for it until their deadline.
/// Every call ends at its deadline at the latest.
///
/// On a cluster each command goes to the node that serves its keys, which must have one hash tag. Redirections are
/// followed, and refusals that pass (TRYAGAIN, CLUSTERDOWN, LOADING, READONLY, MASTERDOWN, UNBLOCKED) are waited out
/// until the deadline. A command without keys (PING, INFO, PUBLISH) goes to any node; one that is about a single node
/// (SCAN, FLUSHALL, CONFIG) has to be sent to each of ``masters(timeout:)``. Under Sentinel a server that refuses
/// writes is left for the new master. In no topology is a command sent twice unless Redis has said that it did not
/// execute it.
///
/// Commands that change the state of a connection (SELECT, MULTI, SUBSCRIBE, MONITOR, HELLO, CLIENT REPLY) must not
/// be sent: others share it.
public final class RedisClient: Service, Sendable {
    private enum Life {
        case new
        case running
        case ended
    }

    /// Who takes a command.
    enum Far {
        /// The lanes to one server; with `mayMove` another one may take its place.
        case server(LaneSet, mayMove: Bool)
        case cluster(ClusterRouter)
    }

    /// A connection that somebody needs.
    private struct Request: Sendable {
        let user: any ConnectionUser
        /// Where it has to lead; nil for where the client's own topology says.
        var topology: (any Topology)?
        var isToSentinel = false
    }

    /// What it was made with.
    public let configuration: RedisConfiguration
    /// The session lane's event loop as a task executor: a long-lived light loop that runs there, by
    /// `withTaskExecutorPreference`, awaits replies without changing threads.
    ///
    /// Whatever else runs there delays every command of the lane.
    public let executor: any TaskExecutor
    let far: Far
    private let topology: any Topology
    private let sentinels: SentinelWatch?
    let hub: SubscriptionHub
    private let logger: Logger
    let metrics: RedisMetrics
    private let life = Mutex(Life.new)
    /// Connections asked for, in the order of their first use.
    private let requests: AsyncStream<Request>
    private let request: AsyncStream<Request>.Continuation

    /// Makes a client.
    ///
    /// Nothing is opened before ``run()``.
    public init(
        configuration: RedisConfiguration, logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        let (requests, request) = AsyncStream.makeStream(of: Request.self)
        let loops = LaneSet.Loops(eventLoopGroup)
        let metrics = RedisMetrics()
        let hub = SubscriptionHub(
            eventLoop: eventLoopGroup.next(), keepAlive: TimeAmount(configuration.commandTimeout), logger: logger,
            metrics: metrics
        ) { request.yield(Request(user: $0)) }
        func lanes(_ place: String) -> LaneSet {
            LaneSet(place: place, configuration: configuration, loops: loops) { request.yield(Request(user: $0)) }
        }
        self.configuration = configuration
        self.requests = requests
        self.request = request
        self.logger = logger
        self.metrics = metrics
        self.hub = hub
        self.executor = EventLoopTaskExecutor(loops.session)
        switch configuration.topology {
        case .standalone(let address):
            far = .server(lanes(address.description), mayMove: false)
            topology = StandaloneTopology(fixed: address)
            sentinels = nil
        case .sentinel(let sentinel):
            let lanes = lanes("the master \(sentinel.serviceName)")
            let masters = SentinelTopology(
                sentinel, configuration: configuration.towards(sentinel), eventLoop: loops.session
            ) { user, address in
                request.yield(
                    Request(user: user, topology: StandaloneTopology(fixed: address), isToSentinel: true))
            }
            far = .server(lanes, mayMove: true)
            topology = masters
            sentinels = SentinelWatch(
                name: sentinel.serviceName, topology: masters, lanes: lanes, subscriptions: hub,
                hub: SubscriptionHub(
                    name: "sentinel-events", eventLoop: loops.session,
                    keepAlive: TimeAmount(configuration.commandTimeout), logger: logger, metrics: metrics
                ) { user in
                    request.yield(
                        Request(user: user, topology: AnySentinel(sentinel.addresses), isToSentinel: true))
                })
        case .cluster(let seeds):
            let router = ClusterRouter(
                seeds: seeds, configuration: configuration, loops: loops, logger: logger, metrics: metrics,
                start: { user, address in
                    request.yield(Request(user: user, topology: StandaloneTopology(fixed: address)))
                },
                onMap: { hub.leave(unlessAt: $0) })
            far = .cluster(router)
            topology = router
            sentinels = nil
        }
    }

    // MARK: Life

    /// Keeps the connections until the task is cancelled or a graceful shutdown begins.
    ///
    /// When it returns nobody waits any longer: unsent commands have failed as `closed`, sent ones as
    /// `outcomeUnknown`, and subscriptions have ended.
    ///
    /// - Throws: ``RedisError`` with `closed` when it was called before, `badInput` for a topology without an address.
    public func run() async throws {
        let isFirst = life.withLock { life in
            guard life == .new else { return false }
            begin()
            life = .running
            return true
        }
        guard isFirst else { throw RedisError(.closed, "a Redis client runs once only") }
        defer { shutDown() }
        try checkTopology()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.recordInFlight() }
                if let sentinels = self.sentinels { group.addTask { await sentinels.run() } }
                switch self.far {
                case .server(let lanes, _): lanes.session.requestConnection()
                case .cluster(let router): group.addTask { await router.run() }
                }
                for await request in self.requests {
                    group.addTask { await self.keep(request) }
                }
                group.cancelAll()
            }
        }
    }

    private func begin() {
        switch far {
        case .server(let lanes, _):
            for lane in lanes.all { lane.connecting() }
        case .cluster(let router): router.begin()
        }
        sentinels?.begin()
    }

    private func shutDown() {
        life.withLock { $0 = .ended }
        request.finish()
        switch far {
        case .server(let lanes, _):
            for lane in lanes.all { lane.shutDown() }
        case .cluster(let router): router.shutDown()
        }
        sentinels?.shutDown()
        hub.shutDown()
    }

    private func checkTopology() throws(RedisError) {
        let isEmpty =
            switch configuration.topology {
            case .standalone: false
            case .sentinel(let sentinel): sentinel.addresses.isEmpty
            case .cluster(let seeds): seeds.isEmpty
            }
        if isEmpty { throw RedisError(.badInput, "no address is given of any \(configuration.topology) server") }
    }

    /// Keeps one connection until the task is cancelled.
    private func keep(_ request: Request) async {
        var configuration = configuration
        if request.isToSentinel, case .sentinel(let sentinel) = configuration.topology {
            configuration = configuration.towards(sentinel)
        }
        var needsMaster = false
        if request.topology == nil, case .server(_, mayMove: true) = far { needsMaster = true }
        let keeper = ConnectionKeeper(
            configuration: configuration, topology: request.topology ?? topology, needsMaster: needsMaster,
            logger: logger)
        await keeper.keep(request.user)
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
                // LOADING and its like, or a connection that broke: a PING may be sent again.
                guard [.unavailable, .outcomeUnknown].contains(error.code) else { throw error }
                if Task.isCancelled { throw RedisError(.cancelled, "the task was cancelled") }
                guard NIODeadline.now() < deadline else {
                    throw RedisError(.deadline, "Redis is not ready: \(error.message)", underlying: error)
                }
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw RedisError(.cancelled, "the task was cancelled")
            }
        }
    }

    /// Subscribes to a channel.
    ///
    /// Returns at once; the first event is `reconnected`, when Redis has confirmed it.
    public func subscribe(_ channel: String) -> RedisSubscription {
        hub.subscribe(channel)
    }

    /// Whether ``run()`` is under way.
    var isRunning: Bool { life.withLock { $0 == .running } }

    /// Commands of a lane that are queued, wait or await their reply.
    func inFlight(_ lane: RedisLane) -> Int {
        switch far {
        case .server(let lanes, _): lanes[lane].inFlight
        case .cluster(let router): router.inFlight(lane)
        }
    }

    private func recordInFlight() async {
        while !Task.isCancelled {
            for lane in RedisLane.allCases { metrics.recordInFlight(inFlight(lane), lane: lane) }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
