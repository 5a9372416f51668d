import ArgumentParser
import HoldfastStorage

struct OpShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an operation on every record that it was delivered to.",
        discussion: "Example: holdfast op show match:9:reward --json")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The operation's id.")
    var id: String

    @OptionGroup var page: OperationPage

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try OpCommand.id(id)
        let (rows, next) = try await Stores.with(invocation) { store, _ in
            try await page.read { try await store.operations(withID: id, after: $0, limit: $1) }
        }
        guard !rows.isEmpty || page.after != nil else { throw OpCommand.missing(id) }
        try OperationView.print(rows, next: next, none: "no more", to: invocation.output)
    }
}
