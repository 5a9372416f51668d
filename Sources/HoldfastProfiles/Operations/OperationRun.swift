import HoldfastStorage

/// Runs operations on a copy of a document, one after the other, each all or nothing.
///
/// Pure. What breaks a rule of the collection, or could not be stored, is a failed attempt.
struct OperationRun<Document: Sendable>: Sendable {
    /// One operation that was settled, tried or taken a step further.
    struct Outcome: Sendable {
        let record: OperationRecord
        let operation: UnsettledOperation
        var hasFailed = false
        var isUnknown = false
        /// How long the attempt took; zero where nobody wants to know.
        var took = Duration.zero
    }

    /// Reads the time.
    typealias Clock = @Sendable () -> ContinuousClock.Instant

    private(set) var document: Document
    private(set) var outcomes: [Outcome] = []
    /// What they deliver to others in the commit of their effects.
    private(set) var deliveries: [Delivery] = []
    /// Whether the rest is left for a later run, since these deliver as much as one run may.
    private(set) var isFull = false
    private let handlers: OperationHandlers<Document>
    private let keepsProgress: Bool
    private let clock: Clock?
    private let check: @Sendable (Document) throws -> Void

    /// Takes operations in order of delivery; nil where the document itself cannot be stored, so that none can be
    /// judged.
    ///
    /// - Parameters:
    ///   - keepsProgress: Whether the store can hold how far an operation has come; else one that needs another step is
    ///     left alone.
    ///   - clock: Takes the time of each attempt; nil where nobody wants to know.
    static func of(
        _ operations: [OperationRecord], on document: Document, codec: DocumentCodec<Document>,
        carrying carried: CarriedFields, keepsProgress: Bool = true, clock: Clock? = nil
    ) -> OperationRun? {
        func run(_ check: @escaping @Sendable (Document) throws -> Void) -> OperationRun {
            var run = OperationRun(document, codec.operations, keepsProgress, clock, check)
            for operation in operations { run.take(operation) }
            return run
        }
        // Coding a large document once is enough as a rule; only where that fails it takes one look at each.
        let all = run(codec.validate)
        if !all.outcomes.contains(where: \.operation.hasEffect) { return all }
        if (try? codec.checkStorable(all.document, carrying: carried)) != nil { return all }
        guard (try? codec.checkStorable(document, carrying: carried)) != nil else { return nil }
        return run { document in
            try codec.validate(document)
            try codec.checkStorable(document, carrying: carried)
        }
    }

    private init(
        _ document: Document, _ handlers: OperationHandlers<Document>, _ keepsProgress: Bool, _ clock: Clock?,
        _ check: @escaping @Sendable (Document) throws -> Void
    ) {
        self.document = document
        self.handlers = handlers
        self.keepsProgress = keepsProgress
        self.clock = clock
        self.check = check
    }

    private mutating func take(_ operation: OperationRecord) {
        guard !isFull else { return }
        guard let handler = handlers.byType[operation.type] else {
            if let operation = settled(unknown: operation) { outcomes.append(operation) }
            return
        }
        let attempts = operation.attempts + 1
        let began = clock?()
        do {
            var copy = document
            var outbox = Outbox()
            let outcome = try handler.run(operation, &copy, &outbox)
            if case .again = outcome, !keepsProgress { return }
            try check(copy)
            guard try fits(outbox) else {
                isFull = true
                return
            }
            deliveries += outbox.deliveries
            document = copy
            switch outcome {
            case .applied(let announce):
                add(
                    operation, Settlement(operation, .applied, attempts: attempts), since: began, hasEffect: true,
                    announce)
            case .again(let progress, let pause):
                let step = Settlement(operation, .pending, attempts: 0, retryAfter: pause, progress: progress)
                add(operation, step, since: began, hasEffect: true)
            }
        } catch {
            let pause = error is OperationRefusal ? nil : handler.policy.pause(after: attempts)
            let failure = Settlement(
                operation, pause == nil ? .dead : .pending, attempts: attempts,
                lastError: String("\(error)".prefix(500)), retryAfter: pause ?? .zero, progress: operation.progress)
            add(operation, failure, since: began, hasEffect: false, hasFailed: true)
        }
    }

    private mutating func add(
        _ record: OperationRecord, _ settlement: Settlement, since began: ContinuousClock.Instant?, hasEffect: Bool,
        _ announce: (@Sendable (AppliedOperation) -> Void)? = nil, hasFailed: Bool = false
    ) {
        let operation = UnsettledOperation(settlement: settlement, hasEffect: hasEffect, announce: announce)
        var outcome = Outcome(record: record, operation: operation, hasFailed: hasFailed)
        if let began, let clock { outcome.took = began.duration(to: clock()) }
        outcomes.append(outcome)
    }

    private func fits(_ outbox: Outbox) throws(OperationRefusal) -> Bool {
        guard outbox.deliveries.count <= Outbox.maximumCount else {
            throw OperationRefusal("it delivers more than \(Outbox.maximumCount) operations")
        }
        return deliveries.count + outbox.deliveries.count <= Outbox.maximumCount
    }

    /// What becomes of an operation of a type that is not handled here; nil when it is kept.
    private func settled(unknown operation: OperationRecord) -> Outcome? {
        let reason = "no handler for operations of type \(operation.type)"
        let settlement: Settlement
        switch handlers.unknown {
        case .keep: return nil
        case .cancel where operation.progress == nil:
            settlement = Settlement(operation, .cancelled, lastError: reason)
        // What has begun is not cancelled any more.
        case .cancel, .deadLetter:
            settlement = Settlement(operation, .dead, lastError: reason, progress: operation.progress)
        }
        return Outcome(
            record: operation, operation: UnsettledOperation(settlement: settlement, hasEffect: false),
            isUnknown: true)
    }
}

extension Settlement {
    /// A receipt, or a step, of an operation; without attempts as many as it had.
    init(
        _ operation: OperationRecord, _ state: OperationState, attempts: Int? = nil, lastError: String? = nil,
        retryAfter pause: Duration = .zero, progress: [UInt8]? = nil
    ) {
        self.init(
            record: operation.record, id: operation.id, state: state, attempts: attempts ?? operation.attempts,
            lastError: lastError, retryAfterMillis: pause.wholeMilliseconds, progress: progress)
    }
}
