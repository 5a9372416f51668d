import HoldfastStorage

/// Runs operations of one type on a document.
struct OperationHandler<Document>: Sendable {
    /// How an attempt ended that did not throw.
    enum Outcome {
        /// To be told once the commit is certain.
        case applied(announce: (@Sendable (AppliedOperation) -> Void)?)
        case again(progress: [UInt8], pause: Duration)
    }

    let policy: OperationPolicy
    let run: @Sendable (OperationRecord, inout Document, inout Outbox) throws -> Outcome
}

/// The handlers of a collection.
struct OperationHandlers<Document>: Sendable {
    var byType: [String: OperationHandler<Document>] = [:]
    var unknown = UnknownOperations.keep
}

/// An operation whose effect and receipt are on disk.
public struct AppliedOperation: Sendable {
    /// The profile that it changed.
    public let record: RecordID
    /// The id that it was delivered with.
    public let id: OperationID
    /// The version of the profile that has the effect of it.
    public let version: Int64
}

extension OperationHandler {
    /// One change, once.
    init<Operation: ProfileOperation<Document>>(
        changing type: Operation.Type, _ policy: OperationPolicy, _ onApplied: OnApplied<Operation>?
    ) {
        self.init(policy, onApplied) { (operation: Operation, document: inout Document, _: inout Outbox) in
            try operation.apply(to: &document)
        }
    }

    /// One change, once, and operations for others.
    init<Operation: DeliveringOperation<Document>>(
        delivering type: Operation.Type, _ policy: OperationPolicy, _ onApplied: OnApplied<Operation>?
    ) {
        self.init(policy, onApplied) { (operation: Operation, document: inout Document, outbox: inout Outbox) in
            try operation.apply(to: &document, delivering: &outbox)
        }
    }

    private init<Operation: DeliverableOperation<Document>>(
        _ policy: OperationPolicy, _ onApplied: OnApplied<Operation>?,
        _ apply: @escaping @Sendable (Operation, inout Document, inout Outbox) throws -> Void
    ) {
        self.policy = policy
        self.run = { (record: OperationRecord, document: inout Document, outbox: inout Outbox) throws -> Outcome in
            let json = try CanonicalJSON.parse(record.payload)
            let operation = try DocumentDecoder().decode(Operation.self, from: json).value
            try apply(operation, &document, &outbox)
            return .applied(announce: Self.announcement(operation, onApplied))
        }
    }

    /// One step of several.
    init<Operation: SteppedOperation<Document>>(
        stepping type: Operation.Type, _ policy: OperationPolicy, _ onApplied: OnApplied<Operation>?
    ) {
        self.policy = policy
        self.run = { (record: OperationRecord, document: inout Document, _: inout Outbox) throws -> Outcome in
            var progress = try StoredProgress<Operation>(of: record)
            switch try progress.step(&document, policy) {
            case .done: return .applied(announce: Self.announcement(progress.operation, onApplied))
            case .again(let pause):
                let longest = Duration.milliseconds(Delivery.maximumWaitMillis)
                return .again(progress: try progress.encoded(), pause: min(max(pause, .zero), longest))
            }
        }
    }

    /// What a game does once an operation is applied for good.
    typealias OnApplied<Operation> = @Sendable (Operation, AppliedOperation) -> Void

    private static func announcement<Operation: Sendable>(
        _ operation: Operation, _ onApplied: OnApplied<Operation>?
    ) -> (@Sendable (AppliedOperation) -> Void)? {
        guard let onApplied else { return nil }
        return { applied in onApplied(operation, applied) }
    }
}

/// How far a stepped operation has come, as it is stored.
private struct StoredProgress<Operation: SteppedOperation>: Codable {
    private var steps = 0
    private(set) var operation: Operation

    /// Goes on where the last committed step ended.
    init(of record: OperationRecord) throws {
        if let progress = record.progress {
            self = try DocumentDecoder().decode(Self.self, from: CanonicalJSON.parse(progress)).value
        } else {
            operation = try DocumentDecoder().decode(Operation.self, from: CanonicalJSON.parse(record.payload)).value
        }
    }

    mutating func step(_ document: inout Operation.Document, _ policy: OperationPolicy) throws -> OperationStep {
        guard steps < policy.maximumSteps else {
            throw OperationRefusal("not done after \(policy.maximumSteps) steps")
        }
        steps += 1
        return try operation.step(&document)
    }

    func encoded() throws -> [UInt8] {
        let bytes = try CanonicalJSON.write(try DocumentEncoder().encode(self))
        guard bytes.count <= Delivery.maximumPayloadBytes else {
            throw OperationRefusal("its state has \(bytes.count) bytes, more than can be stored")
        }
        return bytes
    }
}
