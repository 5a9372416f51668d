import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct ProfileLeaseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lease", abstract: "Show who holds a profile.",
        discussion: "Example: holdfast profile lease players 42")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let lease = try await Backends.with(invocation) { backends, _ in
            try await backends.coordination.inspect(id)
        }
        try invocation.output.print(
            [
                "held": .bool(lease != nil), "server": .optional(lease?.owner.server),
                "boot": .optional(lease?.owner.boot.description),
                "since": lease.map { .time($0.sinceMillis) } ?? .null,
                "remainingMillis": .optional(lease?.remaining.wholeMillis), "token": .optional(lease?.token),
                "wantedBy": .optional(lease?.wantedBy),
            ]
        ) {
            guard let lease else { return "free" }
            let since = Timestamp.text(millis: lease.sinceMillis)
            return "held by \(TerminalText.escaped(lease.owner.server)) since \(since), token \(lease.token), "
                + "\(lease.remaining.wholeMillis) ms left"
        }
    }
}
