import ArgumentParser
import HoldfastStorage

struct OpDeadVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "List dead letters in order of delivery, with their payloads.",
        discussion: """
            An operation dies when its handler has failed too often; requeue it when the reason is gone. Example:
              holdfast op dead --collection players --json
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only those of this collection.", valueName: "name"))
    var collection: String?

    @OptionGroup var page: OperationPage

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let name = try collection.map { try CollectionName($0) }
        let (rows, next) = try await Stores.with(invocation) { store, _ in
            try await page.read { try await store.deadOperations(in: name, after: $0, limit: $1) }
        }
        try OperationView.print(rows, next: next, none: "no dead letters", to: invocation.output)
    }
}
