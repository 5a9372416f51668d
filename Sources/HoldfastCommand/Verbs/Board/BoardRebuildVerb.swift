import ArgumentParser
import HoldfastMemoryStore

struct BoardRebuildVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Make the current season in Redis anew from the store.",
        discussion: """
            Redis that lost a board gets it back without this. Readers go on with the old ranks until the new ones are \
            complete. Example:
              holdfast board rebuild arena --wait 5m
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The board.")
    var name: String

    @OptionGroup var wait: WaitOption

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { timeout + (try wait.duration ?? .zero) }

    func perform(_ invocation: Invocation) async throws {
        let timeout = invocation.settings.timeout + (try wait.duration ?? .zero)
        let count = try await BoardAccess.with(name, invocation) { board in
            try await board.rebuild(timeout: timeout)
            return try await board.count()
        }
        try invocation.output.print(["board": .string(name), "members": .integer(Int64(count))]) {
            "board \(TerminalText.escaped(name)) was rebuilt with \(count) members"
        }
    }
}
