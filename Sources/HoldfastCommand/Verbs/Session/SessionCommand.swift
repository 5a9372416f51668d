import ArgumentParser
import HoldfastCoordination
import HoldfastProfiles

struct SessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "Look at live sessions, and ask their servers to save or release them.",
        discussion: "Example: holdfast session list --server lobby-1",
        subcommands: [
            SessionListVerb.self, SessionShowVerb.self, SessionSaveVerb.self, SessionReleaseVerb.self,
        ])
}

struct SessionListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the leases that are held now, in the order of their records.",
        discussion: "Example: holdfast session list --server lobby-1")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only those of this server.", valueName: "id"))
    var server: String?

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let wanted = server
        let leases = try await Backends.with(invocation) { backends, _ in
            try await backends.coordination.leases().filter {
                $0.id.collection.description != Coordinator.dutyCollection
                    && (wanted == nil || $0.lease.owner.server == wanted)
            }
        }
        let rows = leases.map { id, lease -> OutputValue in
            [
                "collection": .string(id.collection.description), "key": .string(id.key.description),
                "server": .string(lease.owner.server), "boot": .string(lease.owner.boot.description),
                "since": .time(lease.sinceMillis), "remainingMillis": .integer(lease.remaining.wholeMillis),
                "token": .integer(lease.token),
            ]
        }
        try invocation.output.print(.page(rows)) {
            guard !leases.isEmpty else { return "no sessions" }
            var table = Table("COLLECTION", "KEY", "SERVER", "SINCE", "LEFT", "TOKEN")
            for (id, lease) in leases {
                table.add(
                    id.collection.description, id.key.description, lease.owner.server,
                    Timestamp.text(millis: lease.sinceMillis), "\(lease.remaining.wholeMillis) ms", "\(lease.token)")
            }
            return table.text
        }
    }
}
