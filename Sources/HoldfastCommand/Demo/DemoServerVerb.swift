import ArgumentParser
import Glibc
import HoldfastCoordination
import HoldfastMemoryStore
import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds
import Logging
import ServiceLifecycle

/// `holdfast demo-server`: one server process of the demo.
///
/// Started by the demo, with orders on standard input.
struct DemoServerVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "demo-server", shouldDisplay: false)

    @OptionGroup var global: GlobalOptions

    @Option var serverID: String
    @Option var collection: String
    @Option var journals: String
    @Option var sabotage: String?

    var handlesSignals: Bool { true }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        // An interrupt at the terminal reaches the whole job; the demo decides what it means.
        signal(SIGINT, SIG_IGN)
        let reports = ReportWriter()
        let orders = OrderReader.orders()
        let backends = try await Backends.open(invocation)
        do {
            try await serve(backends, orders: orders, reports: reports, invocation)
            await backends.store.close()
        } catch {
            await backends.store.close()
            throw error
        }
    }

    private func serve(
        _ backends: Backends, orders: AsyncStream<ServerOrder>, reports: ReportWriter, _ invocation: Invocation
    ) async throws {
        var store: any DurableStore = backends.store
        var coordination: any CoordinationBackend = backends.coordination
        try SabotageSwitch.apply(sabotage, &store, &coordination)

        let settings = invocation.settings
        let counters = DemoCounters()
        var configuration = CoordinatorConfiguration(serverID: serverID)
        configuration.timings = settings.timings
        configuration.autosave = settings.autosave
        configuration.traces = settings.traces
        let journal = DeferredObserver()
        configuration.observer = journal
        let committer = GroupCommitter(store: store, logger: invocation.logger)
        let memory = MemoryStore(
            redis: backends.redis, deployment: settings.deployment, store: store, committer: committer,
            timeout: backends.redis.configuration.commandTimeout, logger: invocation.connectionLogger)
        configuration.boards = memory
        let coordinator = try Coordinator(
            configuration: configuration, backend: coordination, store: store, committer: committer,
            logger: invocation.logger)
        let file = try DemoJournal(folder: journals, server: serverID, boot: "\(coordinator.identity.boot)")
        journal.observe(with: JournalObserver(journal: file, counters: counters))

        let players = try coordinator.collection(collection, of: DemoPlayer.self, options: playerOptions())
        let worlds = try WorldStore(
            coordinator, collection: DemoWorld.collection(in: collection), terrain: DemoTerrain(),
            template: DemoWorld.new)
        let trades = TradeBook(server: serverID, journal: file, counters: counters)
        let game = DemoServer(
            coordinator: coordinator, players: players, orders: orders, reports: reports,
            scorer: DemoScorer(memory: memory, collection: collection, journal: file, counters: counters),
            channel: try DemoChannel(
                memory: memory, name: collection, server: serverID, folder: journals, journal: file,
                counters: counters, logger: invocation.logger),
            worlds: DemoWorlds(
                store: worlds, host: WorldHost(worlds), coordinator: coordinator, trades: trades, journal: file,
                counters: counters, logger: invocation.logger),
            trades: trades, journal: file, counters: counters, logger: invocation.logger)
        do {
            try await run([coordinator, memory, game], backends, invocation.logger)
            game.reportCountsNow()
            reports.send(.drained(problem: nil))
        } catch {
            game.reportCountsNow()
            reports.send(.drained(problem: "\(error)"))
            throw error
        }
    }

    private func playerOptions() throws -> CollectionOptions<DemoPlayer> {
        var options = CollectionOptions { DemoPlayer(name: $0.description) }
        try options.handle(DemoReward.self)
        try options.handle(DemoWage.self)
        try options.handle(DemoPayment.self)
        try options.handle(DemoReceipt.self)
        try options.handle(DemoMishap.self, policy: DemoMishap.policy)
        try options.project(to: DemoBoard.rewards.name(in: collection)) { $0.rewards }
        return options
    }

    /// Runs services, which are shut down from the last to the first: the game stops, scores reach the store, the
    /// coordinator drains, then Redis may go.
    private func run(_ services: [any Service], _ backends: Backends, _ logger: Logger) async throws {
        var all: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let embedded = backends.embedded {
            all.append(.init(service: embedded, successTerminationBehavior: .ignore))
        }
        all += services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) }
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: all, gracefulShutdownSignals: [.sigterm], logger: logger)
        ).run()
    }
}
