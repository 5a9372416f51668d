import HoldfastStorage

/// A document on its way to the store.
struct EncodedDocument: Sendable {
    let canonical: [UInt8]
    let payload: Payload
    /// The document with the fields it carries, if it carries any.
    let merged: JSONValue?
    /// What the store lacks of the document's parts.
    let parts: [PartWrite]

    /// What a store is handed.
    var storedBytes: Int { parts.reduce(payload.bytes.count) { $0 + ($1.payload?.bytes.count ?? 0) } }
}

/// What the next save has to know of the stored document: what it held besides what its type asked for, and its parts.
struct CarriedFields: Sendable {
    /// The schema that the next save is stored with.
    var schema: Int
    /// The checksums of the parts that the store has.
    var storedParts: [PartName: UInt64] = [:]
    /// The stored document and what was asked of it; nil when nothing is left over.
    var rest: Rest?

    struct Rest: Sendable {
        let original: JSONValue
        let trace: KeyTrace
    }
}

/// Turns stored content into a document and back: migrations, template, unknown fields.
struct DocumentCodec<Document: Sendable>: Sendable {
    let schema: Int
    let operations: OperationHandlers<Document>
    let projections: [BoardProjection<Document>]
    let template: @Sendable (Key) -> Document
    let toJSON: @Sendable (Document) throws -> JSONValue
    let fromJSON: @Sendable (JSONValue) throws -> (Document, KeyTrace?)
    let migrate: @Sendable (inout JSONValue, _ from: Int) throws -> Void
    /// The dynamic form has no template to reconcile with.
    let reconciles: Bool
    /// For documents that are stored in parts.
    let parts: PartCoding<Document>?
    /// Throws where a document breaks a rule of its collection.
    var validate: @Sendable (Document) throws -> Void = { _ in }
    /// The schema of new documents, where it is another than the one that is read up to.
    var newSchema: Int?

    struct Loaded {
        var document: Document
        var carried: CarriedFields
    }

    /// Writes a document in canonical form, with the fields that its type does not know.
    ///
    /// - Throws: ``ProfileError`` with code `badInput`: NaN, infinity, too deep, over 4 MiB.
    func encode(_ document: Document, carrying carried: CarriedFields, record: RecordID) throws(ProfileError)
        -> EncodedDocument
    {
        do {
            let json = try json(of: document, carrying: carried)
            let canonical = try CanonicalJSON.write(json)
            return EncodedDocument(
                canonical: canonical, payload: try Payload.encode(canonical: canonical),
                merged: carried.rest == nil ? nil : json, parts: try parts?.changes(document, carried.storedParts) ?? []
            )
        } catch {
            throw ProfileError(.badInput, "the document cannot be stored: \(error)", record: record, underlying: error)
        }
    }

    /// Checks that a document can be stored with the fields that it carries, its parts aside.
    ///
    /// - Throws: ``ProfileError`` with code `badInput`, or what the document's own coding throws.
    func checkStorable(_ document: Document, carrying carried: CarriedFields) throws {
        let count = try CanonicalJSON.write(try json(of: document, carrying: carried)).count
        guard count <= DurableStoreLimits.documentBytes else {
            throw ProfileError(.badInput, "the document would have \(count) bytes")
        }
    }

    private func json(of document: Document, carrying carried: CarriedFields) throws -> JSONValue {
        let json = try toJSON(document)
        guard let rest = carried.rest else { return json }
        return KeyTrace.merge(original: rest.original, encoded: json, trace: rest.trace).document
    }

    /// Reads stored content, or makes the template where there is none.
    ///
    /// - Parameter acceptingNewer: The build that wrote it has said that this one can read it: it keeps its schema.
    /// - Throws: ``ProfileError``: `newerSchema`, `corrupt`; `badInput` for a template that breaks a rule. Nothing is
    ///   written in either case.
    func decode(
        _ content: Content?, record: RecordID, acceptingNewer: Bool = false
    ) throws(ProfileError) -> Loaded {
        guard let content else {
            let document = template(record.key)
            do {
                try validate(document)
            } catch {
                throw ProfileError(.badInput, "the template breaks a rule: \(error)", record: record, underlying: error)
            }
            return Loaded(document: document, carried: CarriedFields(schema: newSchema ?? schema))
        }
        guard content.schema <= schema || acceptingNewer else {
            throw ProfileError(
                .newerSchema, "stored with schema \(content.schema); this build reads up to \(schema)", record: record
            )
        }
        do {
            var json = try CanonicalJSON.parse(try content.payload.document())
            if content.schema < schema { try migrate(&json, content.schema) }
            if reconciles { json = Self.reconciled(json, with: try toJSON(template(record.key))) }
            let (document, trace) = try fromJSON(json)
            try validate(document)
            var carried = CarriedFields(schema: reconciles ? max(schema, content.schema) : content.schema)
            carried.rest = Self.rest(of: json, trace)
            return Loaded(document: document, carried: carried)
        } catch let error as StoreError {
            throw ProfileError(error, record: record)
        } catch let error as FailedMigration {
            throw ProfileError(
                .corrupt, "the stored document has schema \(content.schema): \(error)", record: record,
                underlying: error.cause
            )
        } catch {
            throw ProfileError(
                .corrupt, "the stored document does not fit: \(error)", record: record, underlying: error
            )
        }
    }

    /// Adds the parts that belong to this version of the record, for documents that are stored in parts.
    ///
    /// - Throws: ``ProfileError`` as ``PartCoding/load(into:of:version:from:)``.
    func withParts(
        _ loaded: Loaded, record: RecordID, version: Int64, from store: any DurableStore
    ) async throws(ProfileError) -> Loaded {
        // Asked for a new record, too: a store that cannot keep parts has to say so now, not at the first save.
        guard let parts else { return loaded }
        var loaded = loaded
        loaded.carried.storedParts = try await parts.load(
            into: &loaded.document, of: record, version: version, from: store)
        return loaded
    }

    /// What is carried on after a save: the positions of array elements may have changed.
    func carriedOn(_ carried: CarriedFields, after encoded: EncodedDocument) -> CarriedFields {
        var carried = carried
        for part in encoded.parts { carried.storedParts[part.name] = part.payload?.checksum }
        if let merged = encoded.merged, let trace = try? fromJSON(merged).1 {
            carried.rest = Self.rest(of: merged, trace)
        }
        return carried
    }

    /// What the boards are to show of a document.
    func scores(of document: Document) -> [String: ScorePair?] {
        var scores: [String: ScorePair?] = [:]
        for projection in projections { scores.updateValue(projection.score(document), forKey: projection.board) }
        return scores
    }

    private static func rest(of json: JSONValue, _ trace: KeyTrace?) -> CarriedFields.Rest? {
        guard let trace, !trace.isComplete else { return nil }
        return CarriedFields.Rest(original: json, trace: trace)
    }

    /// Adds what the template has and the document lacks, at any depth of objects.
    ///
    /// Arrays are left as they are.
    static func reconciled(_ json: JSONValue, with template: JSONValue) -> JSONValue {
        guard case .object(var object) = json, case .object(let defaults) = template else { return json }
        for member in defaults.members {
            if let present = object[member.key] {
                object[member.key] = reconciled(present, with: member.value)
            } else {
                object[member.key] = member.value
            }
        }
        return .object(object)
    }
}

extension DocumentCodec where Document: Codable {
    /// The codec of a typed collection.
    init(_ options: CollectionOptions<Document>) {
        self.init(
            schema: options.schema, operations: options.operations, projections: options.projections,
            template: options.template,
            toJSON: { try DocumentEncoder().encode($0) },
            fromJSON: {
                let decoded = try DocumentDecoder().decode(Document.self, from: $0)
                return (decoded.value, decoded.trace)
            },
            migrate: { json, from in json = try options.migrated(json, from: from) },
            reconciles: true, parts: options.parts
        )
        validate = { document in for rule in options.rules { try rule(document) } }
    }
}

extension DocumentCodec where Document == JSONValue {
    /// The codec of the dynamic form: any canonical JSON, whatever its schema.
    static func dynamic(newSchema: Int) -> DocumentCodec<JSONValue> {
        var codec = DocumentCodec(
            schema: Int(Int32.max), operations: OperationHandlers(), projections: [],
            template: { _ in .object(JSONObject()) }, toJSON: { $0 }, fromJSON: { ($0, nil) },
            migrate: { _, _ in }, reconciles: false, parts: nil
        )
        codec.newSchema = newSchema
        return codec
    }
}
