import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct OpRequeueVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "requeue",
        abstract:
            "Deliver a dead letter anew under another id, on every record where it died. Durable; safe to repeat.",
        discussion: "Example: holdfast op requeue match:9:reward --as match:9:reward:2")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The dead letter's id.")
    var id: String

    @Option(name: .customLong("as"), help: ArgumentHelp("The new id, 1 to 200 bytes.", valueName: "id"))
    var newID: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let (id, newID) = (try OpCommand.id(id), try OpCommand.id(newID))
        let rows = try await Backends.with(invocation) { backends, _ in
            try await OpCommand.each(id, in: backends.store) { operation in
                let record = operation.record
                switch try await backends.store.requeueOperation(id, of: record, as: newID) {
                case .requeued: await backends.coordination.hintOperations(of: record)
                case .duplicate: break
                case .notDead(let state): return .failure(.init("it is no dead letter but \(state.rawValue)"))
                case .erased: return .failure(.init("its payload was erased"))
                case .taken: return .failure(.init("the new id is taken by another operation of this profile"))
                case .full:
                    return .failure(.init("the profile has \(DurableStoreLimits.pending) pending operations"))
                case .missing: return .success(nil)
                }
                return .success(try await backends.store.operation(newID, of: record))
            }
        }
        try OperationView.print(rows, none: "", to: invocation.output)
    }
}
