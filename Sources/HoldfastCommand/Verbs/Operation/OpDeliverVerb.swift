import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct OpDeliverVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "deliver", abstract: "Deliver an operation to a profile, open or not. Durable; safe to repeat.",
        discussion: """
            Repeating it with the same id does nothing more, so keep the id until it has worked. Example:
              holdfast op deliver players 42 grant.coins '{"coins":250}' --id match:9:reward
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    @Argument(help: "The operation's type, as the game has named it.")
    var type: String

    @Argument(help: "What the type's handler reads, as JSON.")
    var payload: String

    @Option(help: ArgumentHelp("1 to 200 bytes, unique for ever within the profile.", valueName: "id"))
    var id: String

    func perform(_ invocation: Invocation) async throws {
        let delivery = try delivery()
        let key = delivery.record.key.description
        let (operation, isNew) = try await Backends.with(invocation) { backends, _ in
            let replies = try await backends.store.execute([.deliver(delivery)])
            guard case .deliver(let outcome)? = replies.first else {
                throw CommandError(.internalError, "the store answered another question", key: key)
            }
            switch outcome {
            case .delivered: await backends.coordination.hintOperations(of: delivery.record)
            case .duplicate: break
            case .conflict:
                throw CommandError(
                    .fenced, "the id is taken by another operation of this profile", advice: "use another id",
                    key: key)
            case .full:
                throw CommandError(
                    .held, "the profile has \(DurableStoreLimits.pending) pending operations",
                    advice: "try again when some are applied", key: key)
            }
            guard let found = try await backends.store.operation(delivery.id, of: delivery.record) else {
                throw CommandError(.internalError, "the operation is not there after its delivery", key: key)
            }
            return (found, outcome == .delivered)
        }
        let fields = OperationView.fields(operation) + [.init(name: "delivered", value: .bool(isNew))]
        try invocation.output.print(.object(fields)) {
            isNew
                ? "delivered \(TerminalText.escaped(id))"
                : "\(TerminalText.escaped(id)) was delivered before; it is \(operation.state.rawValue)"
        }
    }

    private func delivery() throws -> Delivery {
        let id = try OpCommand.id(id)
        let value = try MapValue.parse(payload, "PAYLOAD", key: record.key)
        guard (1...100).contains(type.utf8.count), !type.utf8.contains(0) else {
            throw CommandError(.badInput, "an operation's type has 1 to 100 bytes", key: record.key)
        }
        let bytes = try CanonicalJSON.write(value)
        guard bytes.count <= Delivery.maximumPayloadBytes else {
            throw CommandError(
                .badInput, "a payload has at most \(Delivery.maximumPayloadBytes) bytes, not \(bytes.count)",
                key: record.key)
        }
        return Delivery(record: try record.id, id: id, type: type, payload: bytes)
    }
}
