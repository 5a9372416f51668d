import HoldfastCoordination
public import HoldfastStorage

/// Documents that any server may change at any time: guilds, auctions, settings of an event.
///
/// No session holds them. A change reads, applies and writes under a fence of its own, which it takes in the store and
/// gives back with the write, so two changes never overwrite each other; one that was overtaken is made again on the
/// newer document. Made by ``Coordinator/sharedCollection(_:of:options:)``. Hooks, operations and board projections do
/// not apply. A session on such a record, an operator's for example, is waited for a second and then superseded.
public final class SharedCollection<Document: Codable & Sendable>: Sendable {
    /// How long an owner in the store is waited for before its fence is passed.
    static var patience: Duration { .seconds(1) }

    let profiles: ProfileCollection<Document>
    /// Writers of one key in this process take turns instead of overtaking one another.
    private let turns = NamedLocks<Key>()

    /// The collection's name.
    public var name: CollectionName { profiles.name }
    var host: SessionHost { profiles.host }

    init(_ profiles: ProfileCollection<Document>) {
        self.profiles = profiles
    }

    /// Reads a document as last written, from the store; nil when there is none.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`, `newerSchema`.
    public func read(_ key: Key) async throws(ProfileError) -> Snapshot<Document>? {
        try await profiles.read(key)
    }

    /// Lists written documents in the order of their keys' bytes, from the store.
    ///
    /// - Parameters:
    ///   - prefix: Only keys that begin with this.
    ///   - after: Begin behind this key: the last of the page before.
    ///   - limit: The most rows, 1 to 1,000.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`.
    public func list(
        startingWith prefix: String = "", after: Key? = nil, limit: Int = 100
    ) async throws(ProfileError) -> [RecordSummary] {
        try await profiles.list(startingWith: prefix, after: after, limit: limit)
    }

    /// Changes a document, or the template where there is none, atomically; durable.
    ///
    /// - Parameters:
    ///   - condition: What must hold; checked by the very write.
    ///   - timeout: Default ``CoordinatorConfiguration/saveTimeout``.
    ///   - change: May be called again on a newer document when another writer was faster: pure, but for what it
    ///     captures on purpose.
    /// - Returns: What the closure returned for the document that was written, and its version.
    /// - Throws: ``ProfileError``: `conflict` when the condition does not hold, `busy` when others kept writing until
    ///   the deadline, `unavailable`, with nothing changed; `outcomeUnknown`; and whatever the closure throws.
    @discardableResult
    public func update<Result: Sendable>(
        _ key: Key, if condition: SharedCondition = .any, timeout: Duration? = nil,
        _ change: (inout Document) throws -> Result
    ) async throws -> (result: Result, version: Int64) {
        let id = RecordID(collection: name, key: key)
        return try await write("change", id, if: condition, timeout: timeout) { loaded in
            var document = loaded.document
            let result = try EditGuard.run { try change(&document) }
            do {
                try self.profiles.codec.validate(document)
            } catch {
                throw ProfileError(.badInput, "the change breaks a rule: \(error)", record: id, underlying: error)
            }
            return (result, try self.profiles.codec.encode(document, carrying: loaded.carried, record: id))
        }
    }

    /// Deletes a document; durable.
    ///
    /// One that is not there is left so, unless the condition asks for a version.
    ///
    /// - Throws: ``ProfileError`` as ``update(_:if:timeout:_:)``.
    public func delete(
        _ key: Key, if condition: SharedCondition = .any, timeout: Duration? = nil
    ) async throws {
        let id = RecordID(collection: name, key: key)
        _ = try await write("remove", id, if: condition, timeout: timeout) { _ in ((), nil) }
    }

    /// One change: in turn with others of this process, again when one of another process was faster.
    private func write<Result: Sendable>(
        _ step: String, _ id: RecordID, if condition: SharedCondition, timeout: Duration?,
        _ change: (DocumentCodec<Document>.Loaded) throws -> (Result, EncodedDocument?)
    ) async throws -> (result: Result, version: Int64) {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        return try await host.diagnostics.inStep(.session(step, of: id)) {
            try await write(id, if: condition, until: deadline, change)
        }
    }

    private func write<Result: Sendable>(
        _ id: RecordID, if condition: SharedCondition, until deadline: ContinuousClock.Instant,
        _ change: (DocumentCodec<Document>.Loaded) throws -> (Result, EncodedDocument?)
    ) async throws -> (result: Result, version: Int64) {
        try await profiles.readiness.wait(until: deadline)
        try await profiles.announceSchema()
        try await turns.take(id.key, until: deadline) { Self.busy(id) }
        defer { turns.give(id.key) }
        var writer = SharedWriter(id: id, profiles: profiles, deadline: deadline)
        while true {
            let row = try await writer.seal(if: condition)
            let result: Result
            let encoded: EncodedDocument?
            do {
                let loaded = try await profiles.decoded(row.content, id)
                (result, encoded) = try change(loaded)
            } catch {
                await writer.giveUp(row)
                throw error
            }
            if let version = try await writer.commit(encoded, over: row) { return (result, version) }
            guard ContinuousClock.now < deadline else { throw Self.busy(id) }
        }
    }

    static func busy(_ id: RecordID) -> ProfileError {
        ProfileError(.busy, "others kept writing until the deadline", record: id)
    }
}

extension Coordinator {
    /// Makes the collection `name` of documents that many servers write; once per name.
    ///
    /// Template, migrations, rules, metadata and user ids of the options apply, nothing else of them.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for a bad name, one that is in use, or projections to boards.
    public func sharedCollection<Document: Codable & Sendable>(
        _ name: String, of type: Document.Type, options: CollectionOptions<Document>
    ) throws(ProfileError) -> SharedCollection<Document> {
        guard options.projections.isEmpty else {
            throw ProfileError(.badInput, "collection \(name) is shared: it projects to no boards")
        }
        return SharedCollection(try collection(name, of: type, options: options))
    }
}
