public import HoldfastStorage

/// How a collection makes, reads and migrates its documents.
public struct CollectionOptions<Document: Sendable>: Sendable {
    /// The document of a player who was never saved; also fills fields that an older document lacks, at any depth.
    public var template: @Sendable (Key) -> Document
    /// The schema that this build writes: the number of its newest migration, 1 without any.
    public private(set) var schema = 1
    /// How often an operation may fail before it becomes a dead letter.
    public var maximumAttempts = 10
    /// How long a hook may take before the session goes on without it.
    public var hookTimeout: Duration = .seconds(5)
    /// How many of its last changes a session keeps for ``Session/audit``.
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
    private(set) var handlers: [String: @Sendable ([UInt8], inout Document) throws -> Void] = [:]

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
    ///   - migrate: Changes the stored document.
    /// - Throws: ``ProfileError`` with code `badInput` when `schema` is not the next number, or `compatible` lies before
    ///   a step that older builds cannot read.
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
    /// - Throws: ``ProfileError`` with code `badInput` when the name is taken, empty or over 100 bytes.
    public mutating func handle<Operation: ProfileOperation<Document>>(_ type: Operation.Type) throws(ProfileError) {
        let name = Operation.name
        guard (1...100).contains(name.utf8.count), handlers[name] == nil else {
            throw ProfileError(.badInput, "operation name \(name.debugDescription) is taken, empty or over 100 bytes")
        }
        handlers[name] = { payload, document in
            let json = try CanonicalJSON.parse(payload)
            try DocumentDecoder().decode(Operation.self, from: json).value.apply(to: &document)
        }
    }
}
