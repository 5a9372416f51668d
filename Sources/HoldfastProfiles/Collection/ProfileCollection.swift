import HoldfastCoordination
public import HoldfastStorage
import Synchronization

/// The profiles of one collection, as this server opens, reads and serves them.
///
/// Made by ``Coordinator/collection(_:of:options:)``; one per name and coordinator.
public final class ProfileCollection<Document: Sendable>: Sendable {
    enum Entry {
        case loading(Loading)
        /// Loaded, with its joining hooks at work.
        case joining(Ticket<Session<Document>>, Session<Document>)
        case open(Session<Document>)

        var session: Session<Document>? {
            switch self {
            case .loading: nil
            case .joining(_, let session), .open(let session): session
            }
        }
    }

    /// A load that has not become a session yet.
    struct Loading {
        let ticket: Ticket<Session<Document>>
        let nonce: RandomID
        var failures = 0
        var lastError: ProfileError?

        var state: LoadState {
            lastError.map { .retrying(last: $0, failures: failures) } ?? .loading
        }
    }

    /// The collection's name.
    public let name: CollectionName
    let codec: DocumentCodec<Document>
    let options: CollectionOptions<Document>
    let host: SessionHost
    /// The durable side, for what is built on collections.
    package var store: any DurableStore { host.store }
    let readiness: Readiness
    let entries = Mutex<[Key: Entry]>([:])
    /// Those who wait for somebody else's open.
    let awaited = Mutex<[Key: Ticket<Session<Document>>]>([:])
    let reads = Mutex(ReadCache<Key, Snapshot<Document>?>(limit: 4_096))
    /// Whether the boards that it projects to were found.
    let knowsBoards = Mutex(false)
    /// Whether the store knows which builds can read what this one writes.
    let knowsSchema = Mutex(false)

    init(
        name: CollectionName, codec: DocumentCodec<Document>, options: CollectionOptions<Document>, host: SessionHost,
        readiness: Readiness
    ) {
        self.name = name
        self.codec = codec
        self.options = options
        self.host = host
        self.readiness = readiness
    }

    /// Opens a profile for the length of `body`: lock and load before, durable save and release after.
    ///
    /// Saves and releases after a throw as well, then rethrows: what the body changed before stands, since each edit
    /// was whole. Where others have the profile open, too, it saves and leaves the release to the last of them.
    ///
    /// - Throws: ``ProfileError`` as ``open(_:timeout:waits:)`` and ``Session/close(timeout:)``; whatever the body throws.
    @discardableResult
    public func withSession<Result>(
        for key: Key, timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Session<Document>) async throws -> sending Result
    ) async throws -> sending Result {
        let session = try await open(key, timeout: timeout)
        let result: Result
        do {
            result = try await body(session)
        } catch {
            try? await session.close()
            throw error
        }
        try await session.close()
        return result
    }

    /// Reads a profile as last saved, from the store and without a lock; nil when it was never saved or was deleted.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`, `newerSchema`.
    public func read(_ key: Key) async throws(ProfileError) -> Snapshot<Document>? {
        let id = RecordID(collection: name, key: key)
        let record: Record?
        do {
            record = try await host.store.read(id)
        } catch {
            throw ProfileError(error, record: id)
        }
        guard let record, let content = record.content else { return nil }
        return Snapshot(
            id: id, document: try await decoded(content, id).document, version: record.version,
            schema: content.schema, fence: record.fence, owner: record.owner, userIDs: content.userIDs,
            metadata: content.metadata, storedBytes: content.payload.bytes.count,
            documentBytes: content.payload.documentBytes, createdAtMillis: record.createdAtMillis,
            updatedAtMillis: record.updatedAtMillis
        )
    }

    /// Delivers an operation to a profile, open or not, here or anywhere; durable.
    ///
    /// It takes effect once, however often it is delivered with this id. An online owner is told at once.
    ///
    /// - Parameter id: 1 to 200 bytes, unique for ever within the profile; choose it before the first try and keep it.
    /// - Returns: Whether it is new, a repetition, or an id taken by another operation.
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`; after `outcomeUnknown` deliver again with the same id.
    public func deliver(
        _ operation: some ProfileOperation<Document>, to key: Key, id: String, timeout: Duration? = nil
    ) async throws(ProfileError) -> DeliveryOutcome {
        let record = RecordID(collection: name, key: key)
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        try await readiness.wait(until: deadline)
        let delivery: Delivery
        do {
            delivery = Delivery(
                record: record, id: try OperationID(id), type: type(of: operation).name,
                payload: try CanonicalJSON.write(try DocumentEncoder().encode(operation))
            )
        } catch {
            throw ProfileError(.badInput, "the operation cannot be stored: \(error)", record: record, underlying: error)
        }
        guard delivery.payload.count <= Delivery.maximumPayloadBytes else {
            throw ProfileError(
                .badInput,
                "an operation has at most \(Delivery.maximumPayloadBytes) bytes, not \(delivery.payload.count)",
                record: record
            )
        }
        let outcome: DeliveryOutcome
        do {
            outcome = try await host.committer.deliver(delivery, timeout: max(.milliseconds(1), deadline - .now))
        } catch {
            throw ProfileError(error, record: record)
        }
        if outcome == .delivered { host.jobs.submit { await self.hint(record) } }
        return outcome
    }

    /// Tells the owner that something waits; if this is lost, the next renewal finds it.
    private func hint(_ record: RecordID) async {
        if case .open(let session) = entries.withLock({ $0[record.key] }) {
            if let pending = try? await host.store.pendingOperations(of: [record]) { session.receive(pending) }
        } else if let lease = try? await host.backend.inspect(record) {
            try? await host.backend.send(.operations(id: record), to: lease.owner.server)
        }
    }
}
