import ArgumentParser
import HoldfastStorage

struct OpCancelVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel an operation on every record where it is still pending. Durable; safe to repeat.",
        discussion: "Example: holdfast op cancel match:9:reward")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The operation's id.")
    var id: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try OpCommand.id(id)
        let rows = try await Stores.with(invocation) { store, _ in
            try await OpCommand.each(id, in: store) { operation in
                switch try await store.cancelOperation(id, of: operation.record) {
                case .cancelled, .settled(.cancelled):
                    return .success(try await store.operation(id, of: operation.record))
                case .settled(let state): return .failure(.init("it is \(state.rawValue) already"))
                case .begun: return .failure(.init("its first step is committed, so it goes on"))
                case .missing: return .success(nil)
                }
            }
        }
        try OperationView.print(rows, none: "", to: invocation.output)
    }
}
