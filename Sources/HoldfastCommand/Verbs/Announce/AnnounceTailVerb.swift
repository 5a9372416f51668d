import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct AnnounceTailVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print what is announced on a channel as it comes, until interrupted.",
        discussion: """
            Durable and fast announcements are numbered apart. Example:
              holdfast announce tail news --from 1 --for 30s
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The channel, 1 to 128 characters.")
    var channel: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Begin with this number; 0 for all that are valid (default: what comes).", valueName: "seq"))
    var from: Int64?

    @Option(help: ArgumentHelp("End after this many announcements.", valueName: "count"))
    var count: Int?

    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "duration"))
    var duration: String?

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        guard from ?? 0 >= 0 else { throw CommandError.usage("--from: expected a number of at least 0") }
        guard count ?? 1 >= 1 else { throw CommandError.usage("--count: expected a number of at least 1") }
        let limit = try duration.map { text in
            guard let duration = DurationText.parse(text) else {
                throw CommandError.usage("--for: expected a duration such as 500ms, 30s or 5m")
            }
            return duration
        }
        let (name, count) = (channel, count)
        let start = from.map { AnnouncementStart.sequence($0) } ?? .now
        try await Backends.withMemory(invocation) { memory in
            let channel = try memory.announcements(name, of: JSONValue.self)
            let subscription = try await channel.subscribe(from: start)
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let limit { group.addTask { try await Task.sleep(for: limit) } }
                group.addTask {
                    let view = AnnouncementView(output: invocation.output)
                    var heard = 0
                    for await event in subscription {
                        try view.show(event)
                        if case .gap = event { continue }
                        heard += 1
                        if heard == count { return }
                    }
                    try Task.checkCancellation()
                    throw CommandError(.unavailable, "the channel can no longer be heard")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}
