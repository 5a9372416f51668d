package import HoldfastStorage

/// What builds have said of a collection's schemas: which older builds can still read them.
///
/// One definition in the store for each collection, `{"5":3}` where schema 5 can be read by builds of schema 3. Only
/// builds with such a migration write it, before their first save; only builds that meet newer data read it.
package struct SchemaMarkers {
    let collection: CollectionName
    let store: any DurableStore

    /// Names the collection and the store that has its definition.
    package init(collection: CollectionName, store: any DurableStore) {
        self.collection = collection
        self.store = store
    }

    /// The oldest build that can read a schema, where one was announced.
    package func oldestReader(of schema: Int) async throws(StoreError) -> Int? {
        let definition = try await store.definition(name())
        return definition.flatMap { Self.parse($0.value)["\(schema)"]?.int64 }.map(Int.init)
    }

    /// Says once and for all which builds can read what this one writes; durable.
    func announce(_ schema: Int, oldestReader: Int) async throws(StoreError) {
        let name = try name()
        var standing = try await store.definition(name)
        while true {
            var markers = standing.map { Self.parse($0.value) } ?? JSONObject()
            // Where two builds differ, the stricter is believed.
            let oldest = max(Int64(oldestReader), markers["\(schema)"]?.int64 ?? 0)
            guard markers["\(schema)"] != .integer(oldest) else { return }
            markers["\(schema)"] = .integer(oldest)
            guard let value = try? CanonicalJSON.write(.object(markers)) else { return }
            switch try await store.putDefinition(name, value: value, ifVersion: standing?.version ?? 0) {
            case .stored: return
            case .conflict(let found): standing = found
            }
        }
    }

    private func name() throws(StoreError) -> SpaceName {
        try SpaceName("schema:\(collection)")
    }

    private static func parse(_ value: [UInt8]) -> JSONObject {
        (try? CanonicalJSON.parse(value))?.object ?? JSONObject()
    }
}

extension ProfileCollection {
    /// Tells older builds, once in a process, that they can read what this one writes.
    func announceSchema() async throws(ProfileError) {
        guard options.oldestReader < options.schema, !knowsSchema.withLock({ $0 }) else { return }
        do {
            try await SchemaMarkers(collection: name, store: host.store)
                .announce(options.schema, oldestReader: options.oldestReader)
        } catch {
            throw ProfileError(error)
        }
        knowsSchema.withLock { $0 = true }
    }

    /// Decodes stored content; newer data where the build that wrote it has said that this one can read it.
    ///
    /// - Throws: ``ProfileError``: `newerSchema`, `corrupt`, `unavailable`.
    func decoded(
        _ content: Content?, _ id: RecordID, isHotCopy: Bool = false
    ) async throws(ProfileError) -> DocumentCodec<Document>.Loaded {
        var isCompatible = false
        if let content, content.schema > codec.schema {
            do {
                let oldest = try await SchemaMarkers(collection: name, store: host.store)
                    .oldestReader(of: content.schema)
                isCompatible = oldest.map { $0 <= codec.schema } ?? false
            } catch {
                throw ProfileError(error, record: id)
            }
        }
        do throws(ProfileError) {
            return try codec.decode(content, record: id, acceptingNewer: isCompatible)
        } catch {
            guard error.code == .corrupt, !isHotCopy else { throw error }
            host.metrics.corruptRecords.increment()
            host.logger.error(
                "a stored record cannot be read and was left as it is",
                metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error.message)"])
            throw error
        }
    }

    /// Decodes the content of a record that somebody else has read, as ``read(_:)`` does.
    package func document(of content: Content, _ key: Key) async throws(ProfileError) -> Document {
        try await decoded(content, RecordID(collection: name, key: key)).document
    }

    /// What travels beside a document: as stored, with what the templates add.
    func beside(_ content: Content?, _ key: Key) -> BesideFields {
        var beside = BesideFields(userIDs: content?.userIDs ?? [], metadata: content?.metadata)
        if content == nil, let userIDs = options.userIDs?(key) { beside.userIDs = userIDs }
        if let template = options.metadata?(key) {
            let stored = beside.metadata.map { try? CanonicalJSON.parse($0) } ?? .some(.object(JSONObject()))
            // What is not JSON is somebody else's and stays as it is.
            if let stored,
                let bytes = try? CanonicalJSON.write(
                    DocumentCodec<Document>.reconciled(stored, with: template))
            {
                beside.metadata = bytes
            }
        }
        return beside
    }
}
