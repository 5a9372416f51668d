import ArgumentParser
import HoldfastCoordination

struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Look at servers and drain them.",
        discussion: "Example: holdfast server list",
        subcommands: [ServerListVerb.self, ServerDrainVerb.self])
}

struct ServerListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the servers that beat.",
        discussion: "Example: holdfast server list --room 4 --where mode=ranked --where custom.region=eu --json")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: ServerQueryOptions

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let query = try options.query
        let servers = try await Backends.with(invocation) { backends, _ in
            try await backends.coordination.servers(matching: query).map(\.beat)
        }
        try invocation.output.print(.page(servers.map { ServerRow.document($0) })) {
            servers.isEmpty ? "no servers" : ServerRow.table(servers)
        }
    }
}

struct ServerDrainVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Ask a server to save and release everything and to stop.",
        discussion: "Example: holdfast server drain lobby-1 --wait 30s")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var waiting: WaitOption

    @Argument(help: "The server's id.")
    var id: String

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { timeout + (try waiting.duration ?? .zero) }

    func perform(_ invocation: Invocation) async throws {
        let wait = try waiting.duration
        let ended = try await Backends.with(invocation) { backends, _ in
            let boot = try await backends.coordination.server(id)?.boot
            guard let boot, try await backends.coordination.requestDrain(server: id) else {
                throw CommandError(.notFound, "no server \(id) beats; see holdfast server list")
            }
            guard let wait else { return false }
            let deadline = ContinuousClock.now + wait
            while try await backends.coordination.server(id)?.boot == boot {
                guard ContinuousClock.now < deadline else {
                    throw CommandError(.deadline, "server \(id) was asked to drain and still beats")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            return true
        }
        try invocation.output.print(["server": .string(id), "requested": true, "ended": .bool(ended)]) {
            ended ? "server \(id) has drained and stopped" : "server \(id) was asked to drain"
        }
    }
}
