import ArgumentParser
import HoldfastStorage

/// `holdfast demo`: the main job on a real fleet, then the verdict.
struct DemoVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a fleet of server processes, kill some of them, and prove that nothing was lost.",
        discussion: """
            Players join, earn, hop between servers, build worlds, trade, score and get rewards while servers announce \
            to each other and are killed and frozen. Without --redis, --store and --data-dir everything runs in a \
            private temporary folder. Example:
              holdfast demo --servers 8 --players 400 --duration 60s --freeze-every 10s
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "Server processes, 1 to 64.")
    var servers = 4

    @Option(help: "Players, 1 to 10000.")
    var players = 200

    @Option(help: ArgumentHelp("How long the fleet plays (default: 20s).", valueName: "duration"))
    var duration = "20s"

    @Option(help: ArgumentHelp("Seed of everything that is drawn by lot.", valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Kill a random server this often (default: 5s).", valueName: "duration"))
    var crashEvery: String?

    @Flag(help: "Kill no server.")
    var noCrash = false

    @Option(help: ArgumentHelp("Freeze a random server past its lease this often.", valueName: "duration"))
    var freezeEvery: String?

    @Option(
        help: ArgumentHelp("Restart the servers one by one under load, one this often.", valueName: "duration"))
    var restartEvery: String?

    @Option(
        help: ArgumentHelp(
            "Begin with servers of another build; with --restart-every this one takes over.", valueName: "executable"))
    var firstBuild: String?

    @Option(help: ArgumentHelp("Empty Redis this often.", valueName: "duration", visibility: .hidden))
    var flushEvery: String?

    @Option(help: ArgumentHelp("Run a build that is broken on purpose.", valueName: "name", visibility: .hidden))
    var sabotage: String?

    var handlesSignals: Bool { true }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let plan = try DemoPlan(self, invocation.settings)
        try await DemoRun.perform(plan, invocation)
    }
}
