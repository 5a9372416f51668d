import ArgumentParser
import HoldfastStorage

struct OpListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the operations of a profile in order of delivery, receipts included.",
        discussion: "Example: holdfast op list players 42 --limit 20")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument
    @OptionGroup var page: OperationPage

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let (rows, next) = try await Stores.with(invocation) { store, _ in
            try await page.read { try await store.operations(of: id, after: $0, limit: $1) }
        }
        try OperationView.print(rows, next: next, none: "no operations", to: invocation.output)
    }
}
