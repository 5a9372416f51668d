import Logging
import NIOCore
import Synchronization

/// Sends each command to the node of a cluster that serves its keys, and keeps the map of who does.
///
/// Lanes are opened to a node at its first command and given up when the node has left the map. What to do with an
/// answer is decided by ``CommandAttempt``, when to ask for the map by ``RefreshPlan``; this type runs their decisions.
final class ClusterRouter: Sendable {
    typealias Address = RedisConfiguration.Address
    typealias Reply = RedisConnection.Reply

    struct State {
        var map = SlotMap()
        var plan = RefreshPlan(now: .now)
        var nodes: [Address: LaneSet] = [:]
        /// Where commands go that any node may answer.
        var home: Address?
        /// Why there is no map.
        var failure: RedisError?
        var isRunning = false
        var isClosed = false
        var generator = SystemRandomNumberGenerator()
    }

    /// Where a command can go at the moment.
    private enum Destination {
        case node(Address, LaneSet)
        /// Nowhere yet; the error for callers whose time is up.
        case nowhere(RedisError)
        /// Nowhere, and waiting is in vain.
        case never(RedisError)
    }

    let seeds: [Address]
    let configuration: RedisConfiguration
    private let loops: LaneSet.Loops
    let logger: Logger
    let metrics: RedisMetrics
    /// Asked for the connection of a lane that leads to an address.
    private let start: @Sendable (RedisConnection, Address) -> Void
    /// Told of the nodes that there are, whenever a new map has come.
    let onMap: @Sendable (Set<Address>) -> Void
    let state = Mutex(State())

    init(
        seeds: [Address], configuration: RedisConfiguration, loops: LaneSet.Loops, logger: Logger,
        metrics: RedisMetrics, start: @escaping @Sendable (RedisConnection, Address) -> Void,
        onMap: @escaping @Sendable (Set<Address>) -> Void
    ) {
        self.seeds = seeds
        self.configuration = configuration
        self.loops = loops
        self.logger = logger
        self.metrics = metrics
        self.start = start
        self.onMap = onMap
    }

    // MARK: Commands

    /// Sends a command to whoever serves `route`, following redirections until `start + limit`.
    ///
    /// `command` makes the command; it is asked for the source of a script with true.
    nonisolated(nonsending) func send(
        _ route: CommandKeys.Route, lane: RedisLane, limit: TimeAmount, isScript: Bool = false,
        _ command: (_ bySource: Bool) -> RedisCommand
    ) async -> Reply {
        let deadline = NIODeadline.now() + limit
        var attempt = CommandAttempt(isScript: isScript)
        while true {
            let step: CommandAttempt.Step
            var outcome: Reply
            switch destination(attempt.target, route, lane) {
            case .never(let error): return .failure(error)
            case .nowhere(let error):
                outcome = .failure(error)
                step = rest(&attempt, until: deadline)
            case .node(let address, let lanes):
                var words = command(attempt.needsSource)
                if case .asking = attempt.target { words = .asking(words) }
                let left = deadline - .now()
                outcome = await lanes[lane].send(
                    words, length: words.maximumLength, deadline: deadline, timeout: max(left, .nanoseconds(1)))
                // Nearly always: no judgement needed.
                guard outcome.needsJudgement else { return outcome }
                step = judge(&attempt, outcome, address, until: deadline)
            }
            switch step {
            case .send: continue
            case .finish: return Self.last(outcome)
            case .rest(let duration):
                do {
                    try await Task.sleep(for: duration)
                } catch {
                    return .failure(RedisError(.cancelled, "the task was cancelled before sending"))
                }
                if NIODeadline.now() >= deadline { return Self.last(outcome) }
            }
        }
    }

    /// What the caller gets of the last answer: a redirection that leads nowhere in time is no answer of its own.
    private static func last(_ outcome: Reply) -> Reply {
        guard case .success(.error(let error)) = outcome, error.prefix == "MOVED" || error.prefix == "ASK" else {
            return outcome
        }
        return .failure(
            RedisError(
                .unavailable, "the nodes of the cluster send the command to each other: \(error)", serverError: error))
    }

    /// Sends a command to one node, and nowhere else.
    nonisolated(nonsending) func send(
        _ command: RedisCommand, to address: Address, lane: RedisLane, limit: TimeAmount
    ) async -> Reply {
        let lanes: LaneSet? = state.withLock { state in
            state.isRunning && !state.isClosed ? self.lanes(to: address, &state) : nil
        }
        guard let lanes else { return .failure(notRunning) }
        return await lanes[lane].send(
            command, length: command.maximumLength, deadline: .now() + limit, timeout: limit)
    }

    private func rest(_ attempt: inout CommandAttempt, until deadline: NIODeadline) -> CommandAttempt.Step {
        state.withLock { state in
            state.plan.request(.urgent, now: .now)
            return attempt.rest(timeLeft: Duration(deadline - .now()), using: &state.generator)
        }
    }

    private func judge(
        _ attempt: inout CommandAttempt, _ reply: Reply, _ address: Address, until deadline: NIODeadline
    ) -> CommandAttempt.Step {
        if case .success(.error(let error)) = reply { metrics.recordRefusal(error) }
        return state.withLock { state in
            let verdict = attempt.judge(
                reply, from: address, timeLeft: Duration(deadline - .now()), using: &state.generator)
            switch verdict.lesson {
            case .moved(let redirection):
                state.map.learn(redirection.slot, at: redirection.address)
                state.plan.request(.routine, now: .now)
            case .unsettled, .demoted:
                state.plan.request(.urgent, now: .now)
            case nil: break
            }
            return verdict.step
        }
    }

    private func destination(
        _ target: CommandAttempt.Target, _ route: CommandKeys.Route, _ lane: RedisLane
    ) -> Destination {
        state.withLock { state in
            if state.isClosed { return .never(RedisError(.closed, "the Redis client is shut down")) }
            if state.map.isEmpty {
                guard state.isRunning else { return .nowhere(notRunning) }
                if let failure = state.failure, failure.isPermanent { return .never(failure) }
                let reason = state.failure.map { ": \($0.message)" } ?? ""
                return .nowhere(
                    RedisError(
                        .deadline, "not sent before the deadline: no node of the cluster tells its slots\(reason)",
                        underlying: state.failure))
            }
            switch target {
            case .node(let address), .asking(let address): return .node(address, lanes(to: address, &state))
            case .owner: break
            }
            switch route {
            case .anyNode:
                let address = anyMaster(lane, &state)
                return .node(address, lanes(to: address, &state))
            case .slot(let slot):
                guard let address = state.map.owner(of: slot) else {
                    return .nowhere(RedisError(.unavailable, "no node of the cluster serves slot \(slot)"))
                }
                return .node(address, lanes(to: address, &state))
            }
        }
    }

    private var notRunning: RedisError {
        RedisError(
            .notRunning,
            "the Redis client is not running: call its run(), or put it into the ServiceGroup before its users")
    }

    /// Stays with one master while it is there, so that a client needs few connections.
    private func anyMaster(_ lane: RedisLane, _ state: inout State) -> Address {
        if let home = state.home, state.map.masters.contains(home), state.nodes[home]?[lane].isConnected == true {
            return home
        }
        let connected = state.map.masters.filter { state.nodes[$0]?[lane].isConnected == true }
        let choice = (connected.isEmpty ? state.map.masters : connected).randomElement(using: &state.generator)
        state.home = choice
        // A map without any master is no map; the seeds are as good as any.
        return choice ?? seeds[0]
    }

    private func lanes(to address: Address, _ state: inout State) -> LaneSet {
        if let lanes = state.nodes[address] { return lanes }
        let start = start
        let lanes = LaneSet(place: address.description, configuration: configuration, loops: loops) {
            start($0, address)
        }
        for lane in lanes.all { lane.connecting() }
        state.nodes[address] = lanes
        return lanes
    }

    // MARK: Nodes

    /// The masters that serve slots; empty while no map is known.
    var masters: Set<Address> { state.withLock { $0.map.masters } }

    /// Who serves a slot; nil while unknown.
    func owner(of slot: Int) -> Address? { state.withLock { $0.map.owner(of: slot) } }

    /// The server that commands for any node go to on a lane.
    func server(_ lane: RedisLane) -> RedisServer? {
        state.withLock { state in
            if let home = state.home, let server = state.nodes[home]?[lane].server { return server }
            for lanes in state.nodes.values {
                if let server = lanes[lane].server { return server }
            }
            return nil
        }
    }

    /// Commands of a lane to all nodes that are queued, wait or await their reply.
    func inFlight(_ lane: RedisLane) -> Int {
        state.withLock { $0.nodes.values.reduce(0) { $0 + $1[lane].inFlight } }
    }

    // MARK: Life

    /// The client runs now.
    func begin() {
        state.withLock { $0.isRunning = true }
    }

    /// The client has ended: nobody waits any longer, and nobody will.
    func shutDown() {
        let nodes = state.withLock { state in
            state.isClosed = true
            defer { state.nodes = [:] }
            return Array(state.nodes.values)
        }
        for lane in nodes.flatMap(\.all) { lane.shutDown() }
    }
}

extension ClusterRouter: Topology {
    /// Names a node for subscriptions: a message published anywhere reaches every node.
    func address(failures: Int) async throws(RedisError) -> Address {
        state.withLock { state in
            let nodes = state.map.masters.isEmpty ? Set(seeds) : state.map.masters
            let known = failures < 3 ? nodes : nodes.union(state.map.replicas).union(seeds)
            return known.randomElement(using: &state.generator) ?? seeds[0]
        }
    }
}

extension Result<RedisValue, RedisError> {
    /// Whether it is a failure or an error reply.
    var needsJudgement: Bool {
        switch self {
        case .success(.error), .failure: true
        case .success: false
        }
    }
}
