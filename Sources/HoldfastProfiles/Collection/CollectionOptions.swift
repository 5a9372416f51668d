public import HoldfastStorage

/// How a collection makes, reads and migrates its documents.
public struct CollectionOptions<Document: Sendable>: Sendable {
    /// The document of a player who was never saved; also fills fields that an older document lacks, at any depth.
    ///
    /// Members of a dictionary count as fields: one that the template has comes back at the next load when a game
    /// removes it. What may go for good belongs into an array, or is kept with an empty value. Arrays are not filled.
    public var template: @Sendable (Key) -> Document
    /// The schema that this build writes: the number of its newest migration, 1 without any.
    public private(set) var schema = 1
    /// What becomes of operations whose type is not handled here; they are kept unless told otherwise.
    public var unknownOperations: UnknownOperations {
        get { operations.unknown }
        set { operations.unknown = newValue }
    }
    /// How long a hook may take before the session goes on without it; above zero.
    public var hookTimeout: Duration = .seconds(5)
    /// How many of its last changes a session keeps for ``Session/audit``: 0 to 10,000.
    public var auditLimit = 32
    /// What an open gives when Redis or the store cannot be reached until its deadline.
    public var fallback = FallbackPolicy.never
    /// The people whose data a new profile holds, from its key; none by default.
    public var userIDs: (@Sendable (Key) -> [String])?
    /// The JSON object beside a new document; also fills members that a stored one lacks, at any depth.
    public var metadata: (@Sendable (Key) -> JSONValue?)?
    /// The oldest schema whose builds can read what this one writes.
    private(set) var oldestReader = 1
    var rules: [@Sendable (Document) throws -> Void] = []
    var migrations: [Migration] = []
    var projections: [BoardProjection<Document>] = []
    /// For documents that are stored in parts.
    package var parts: PartCoding<Document>?
    var hooks = SessionHooks<Document>()
    private(set) var operations = OperationHandlers<Document>()

    struct Migration: Sendable {
        let schema: Int
        let migrate: @Sendable (inout JSONValue) throws -> Void
    }

    /// Names the template; no migrations and no operations yet.
    public init(template: @escaping @Sendable (Key) -> Document) {
        self.template = template
    }

    /// Adds the step that turns a document of the schema before into `schema`.
    ///
    /// Steps are added in order. Without `compatible` older builds refuse what this one has saved; with it they open
    /// it without the step, keep the fields that they do not know, and save it under its number.
    ///
    /// - Parameters:
    ///   - schema: The next number.
    ///   - compatible: The oldest schema whose builds can work on a document of this one, `schema` by default.
    ///   - migrate: Changes the stored document, before the template fills what it lacks. A throw refuses the load as
    ///     `corrupt`, and what is stored stays as it is.
    /// - Throws: ``ProfileError`` with code `badInput` when `schema` is not the next number, or `compatible` lies
    ///   before a step that older builds cannot read.
    public mutating func migrate(
        to schema: Int, compatibleWith compatible: Int? = nil,
        _ migrate: @escaping @Sendable (inout JSONValue) throws -> Void
    ) throws(ProfileError) {
        guard schema == self.schema + 1 else {
            throw ProfileError(.badInput, "the next migration leads to schema \(self.schema + 1), not \(schema)")
        }
        let oldest = compatible ?? schema
        guard (oldestReader...schema).contains(oldest) else {
            throw ProfileError(
                .badInput, "schema \(schema) can be compatible with \(oldestReader) to \(schema), not \(oldest)")
        }
        oldestReader = oldest
        migrations.append(Migration(schema: schema, migrate: migrate))
        self.schema = schema
    }

    /// Lets sessions of this collection apply operations of a type.
    ///
    /// - Parameters:
    ///   - policy: How often a failing one is tried, and with what pauses.
    ///   - onApplied: Side effects: called on the server that applied one, once its effect and receipt are on disk and
    ///     in order of delivery. A crash between the two skips the call, so what must happen belongs into the document
    ///     or another operation. Return quickly.
    /// - Throws: ``ProfileError`` with code `badInput` when the name is taken, empty or over 100 bytes, or the policy
    ///   makes no sense.
    public mutating func handle<Operation: ProfileOperation<Document>>(
        _ type: Operation.Type, policy: OperationPolicy = OperationPolicy(),
        onApplied: (@Sendable (Operation, AppliedOperation) -> Void)? = nil
    ) throws(ProfileError) {
        try add(OperationHandler(changing: type, policy, onApplied), for: Operation.name)
    }

    /// Lets sessions of this collection apply operations of a type that deliver further ones in the same commit.
    ///
    /// - Parameters:
    ///   - policy: As in the form for operations of one change.
    ///   - onApplied: As in the form for operations of one change.
    /// - Throws: ``ProfileError`` as the form for operations of one change.
    public mutating func handle<Operation: DeliveringOperation<Document>>(
        _ type: Operation.Type, policy: OperationPolicy = OperationPolicy(),
        onApplied: (@Sendable (Operation, AppliedOperation) -> Void)? = nil
    ) throws(ProfileError) {
        try add(OperationHandler(delivering: type, policy, onApplied), for: Operation.name)
    }

    /// Lets sessions of this collection carry out operations of a type step by step.
    ///
    /// - Parameters:
    ///   - policy: How often a failing step is tried, with what pauses, and how many steps there may be.
    ///   - onApplied: As in the form for operations of one change; called after the last step.
    /// - Throws: ``ProfileError`` as the form for operations of one change.
    public mutating func handle<Operation: SteppedOperation<Document>>(
        _ type: Operation.Type, policy: OperationPolicy = OperationPolicy(),
        onApplied: (@Sendable (Operation, AppliedOperation) -> Void)? = nil
    ) throws(ProfileError) {
        try add(OperationHandler(stepping: type, policy, onApplied), for: Operation.name)
    }

    private mutating func add(_ handler: OperationHandler<Document>, for name: String) throws(ProfileError) {
        guard (1...100).contains(name.utf8.count), operations.byType[name] == nil else {
            throw ProfileError(.badInput, "operation name \(name.debugDescription) is taken, empty or over 100 bytes")
        }
        if let problem = handler.policy.problem { throw ProfileError(.badInput, "operation \(name): \(problem)") }
        operations.byType[name] = handler
    }
}
