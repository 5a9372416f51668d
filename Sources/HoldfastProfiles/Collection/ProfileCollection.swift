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
    /// The coordinator's timeouts, for what is built on collections.
    package var configuration: CoordinatorConfiguration { host.configuration }
    let readiness: Readiness
    let entries = Mutex<[Key: Entry]>([:])
    /// Those who wait for somebody else's open, and how many they are.
    let awaited = Mutex<[Key: (ticket: Ticket<Session<Document>>, count: Int)]>([:])
    /// The nonces of restores and repairs under way, which hold a lease without a session.
    let restoring = Mutex<Set<RandomID>>([])
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
    /// - Throws: ``ProfileError`` as ``open(_:timeout:waits:)`` and ``Session/close(timeout:)``; whatever the body
    ///   throws.
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
            try? await session.giveUpHandle()
            throw error
        }
        try await session.close()
        return result
    }

    /// Reads a profile as last saved, from the store and without a lock; nil when it was never saved or was deleted.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`, `newerSchema`; `deadline` when
    ///   ``CoordinatorConfiguration/budget`` has no room in ``CoordinatorConfiguration/openTimeout``.
    public func read(_ key: Key) async throws(ProfileError) -> Snapshot<Document>? {
        let id = RecordID(collection: name, key: key)
        let record: Record?
        do {
            try await host.committer.awaitBudget(of: id, timeout: host.configuration.openTimeout)
            record = try await host.store.read(id)
        } catch {
            throw ProfileError(error, record: id)
        }
        host.metrics.readsFromStore.increment()
        guard let record, let content = record.content else { return nil }
        return Snapshot(
            id: id, document: try await decoded(content, id).document, version: record.version,
            schema: content.schema, fence: record.fence, owner: record.owner, userIDs: content.userIDs,
            metadata: content.metadata, storedBytes: content.payload.bytes.count,
            documentBytes: content.payload.documentBytes, createdAtMillis: record.createdAtMillis,
            updatedAtMillis: record.updatedAtMillis
        )
    }
}
