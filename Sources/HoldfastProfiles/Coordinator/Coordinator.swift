public import HoldfastCoordination
public import HoldfastStorage
public import Logging
public import ServiceLifecycle
import Synchronization

/// One game server's part in a deployment: its beat, its leases, its open profiles.
///
/// Make one per process, hand it to a `ServiceGroup` before the game, and open profiles through its collections:
///
///     let coordinator = try Coordinator(configuration: .init(serverID: "lobby-1"), backend: backend, store: store)
///     let players = try coordinator.collection("players", of: Player.self, options: .init { _ in Player() })
///
/// A graceful shutdown saves and releases everything inside ``CoordinatorConfiguration/drainTimeout``; a cancellation
/// ends sessions without saving.
public final class Coordinator: Service, Sendable {
    /// This run of this server.
    public let identity: ServerIdentity
    let host: SessionHost
    let readiness = Readiness()
    let releases = ReleaseSignals()
    let collections = Mutex<[CollectionName: any ManagedCollection]>([:])
    let drainRequest = Ticket<Bool>()
    let leaseCheck = LoopSignal()
    let status = Mutex("{}")
    let missed = Mutex<[MissedDrain]>([])
    let duties = Mutex(DutyList())

    /// Joins a configuration with the two sides.
    ///
    /// Nothing is contacted before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Who this server is, and its times.
    ///   - backend: Redis.
    ///   - store: The durable side.
    ///   - committer: Commits together with others of this process, a memory store for example, over the same store;
    ///     by default one of its own. ``run()`` runs it, so it ends last.
    ///   - logger: Tells of what happens behind the caller's back.
    /// - Throws: ``ProfileError`` with code `badInput` for a server id, times, retentions, a health policy, a budget or
    ///   backups outside their limits, and for a budget beside a committer that brings its own.
    public init(
        configuration: CoordinatorConfiguration, backend: any CoordinationBackend, store: any DurableStore,
        committer: GroupCommitter? = nil, logger: Logger = Logger(label: "holdfast")
    ) throws(ProfileError) {
        let timings = configuration.timings
        guard timings.beatMillis >= 10, timings.renewMillis >= timings.beatMillis,
            timings.leaseMillis >= 2 * timings.renewMillis, configuration.beatsToLive >= 3
        else {
            throw ProfileError(
                .badInput, "times must satisfy 10 ms <= beat <= renew <= lease / 2, and at least 3 beats to live"
            )
        }
        guard configuration.workAtOnce >= 1, configuration.receiptRetention >= .zero,
            configuration.historyRetention >= .zero
        else {
            throw ProfileError(.badInput, "work is done on at least 1 profile at once, and no retention is negative")
        }
        guard configuration.hasUsableTimes else {
            throw ProfileError(.badInput, "autosave and the timeouts lie between 0 and 400 days")
        }
        guard configuration.healthPolicy.isValid else {
            throw ProfileError(
                .badInput, "a health policy counts 1 to 10,000 failures, over times above zero, bursts within a window")
        }
        guard configuration.budget?.isValid ?? true else {
            throw ProfileError(.badInput, "a budget has more than 0 requests a second and a burst of at least 1")
        }
        guard configuration.budget == nil || committer == nil else {
            throw ProfileError(.badInput, "a committer that is handed in brings its own budget")
        }
        do {
            identity = try ServerIdentity(id: configuration.serverID)
        } catch {
            throw ProfileError(error)
        }
        var logger = logger
        logger[metadataKey: "holdfast.server"] = "\(identity.id)"
        let committer = committer ?? GroupCommitter(store: store, budget: configuration.budget, logger: logger)
        let metrics = ProfileMetrics()
        let diagnostics = Diagnostics(configuration, metrics: metrics, logger: logger)
        committer.tell(diagnostics)
        let backend = WatchedBackend(backend, watch: diagnostics)
        let store = WatchedStore(store, watch: diagnostics)
        let membership = Membership(
            identity: identity, backend: backend, timeToLive: configuration.beatTimeToLive,
            interval: configuration.beat
        )
        host = SessionHost(
            configuration: configuration, identity: identity, backend: backend, store: store, committer: committer,
            membership: membership,
            claimer: Claimer(
                identity: identity, backend: backend, committer: committer, membership: membership, releases: releases,
                lease: configuration.lease, renewal: configuration.renewal
            ),
            metrics: metrics, diagnostics: diagnostics, logger: logger
        )
        try addUpkeep()
        try addBackups()
    }

    /// Makes the typed collection `name`; once per name.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for a bad name or one that is in use, and options outside their
    ///   limits; for a collection that projects to boards, without ``CoordinatorConfiguration/boards`` or to a board
    ///   that another one projects to.
    public func collection<Document: Codable & Sendable>(
        _ name: String, of type: Document.Type, options: CollectionOptions<Document>
    ) throws(ProfileError) -> ProfileCollection<Document> {
        guard options.projections.isEmpty || host.configuration.boards != nil else {
            throw ProfileError(.badInput, "collection \(name) projects to boards, and the coordinator knows none")
        }
        guard (0...10_000).contains(options.auditLimit), options.hookTimeout > .zero else {
            throw ProfileError(
                .badInput, "collection \(name): an audit keeps 0 to 10,000 changes, and hooks have more time than none")
        }
        return try register(name, codec: DocumentCodec(options), options: options)
    }

    /// Makes the dynamic form of collection `name`: any JSON document, no template, no migrations.
    ///
    /// - Parameter schema: The schema that new documents are stored with; 0 for data from before the library.
    /// - Throws: ``ProfileError`` with code `badInput` for a bad name, one that is in use, or a schema outside of 0 to
    ///   2^31 - 1.
    public func documents(_ name: String, schema: Int = 1) throws(ProfileError) -> ProfileCollection<JSONValue> {
        guard (0...Int(Int32.max)).contains(schema) else {
            throw ProfileError(.badInput, "a schema is a number from 0, not \(schema)")
        }
        return try register(
            name, codec: .dynamic(newSchema: schema), options: CollectionOptions { _ in .object(JSONObject()) })
    }

    private func register<Document>(
        _ name: String, codec: DocumentCodec<Document>, options: CollectionOptions<Document>
    ) throws(ProfileError) -> ProfileCollection<Document> {
        let checked: CollectionName
        do {
            checked = try CollectionName(name)
        } catch {
            throw ProfileError(error)
        }
        guard ![FleetDuty.collection, BackupVault.collection].contains(name) else {
            throw ProfileError(.badInput, "collection \(name) names what the fleet does for itself")
        }
        let collection = ProfileCollection(
            name: checked, codec: codec, options: options, host: host, readiness: readiness)
        let refusal: ProfileError? = collections.withLock { collections in
            guard collections[checked] == nil else {
                return ProfileError(.badInput, "collection \(name) is in use by this coordinator")
            }
            for other in collections.values {
                guard let board = other.boards.intersection(collection.boards).first else { continue }
                return ProfileError(
                    .badInput, "collection \(other.name) projects to board \(board.debugDescription) already")
            }
            collections[checked] = collection
            return nil
        }
        if let refusal { throw refusal }
        return collection
    }

    /// Waits until Redis and the store were reached, belong together, and the first beat was acknowledged.
    ///
    /// - Throws: ``ProfileError``: `notReady` at the timeout; `wrongDeployment`, `denied`.
    public func waitUntilReady(timeout: Duration = .seconds(10)) async throws(ProfileError) {
        try await readiness.wait(until: .now + timeout)
    }

    /// The sessions of this server, in no order.
    public func sessions() -> [SessionDescription] {
        let now = ContinuousClock.now
        return managedSessions().map { $0.describe(now: now) }
    }

    /// Sets the JSON that goes out with this server's beat, at most 8 KiB.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` when it is not canonical-izable JSON or too long.
    public func setStatus(_ json: String) throws(ProfileError) {
        guard json.utf8.count <= 8_192, (try? CanonicalJSON.parse(Array(json.utf8))) != nil else {
            throw ProfileError(.badInput, "a server's status is a JSON document of at most 8 KiB")
        }
        status.withLock { $0 = json }
    }

    /// Sets what goes out with this server's beat, for those who look for a server; fast, in place with the next beat.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` when it is longer than 8 KiB as JSON.
    public func setStatus(_ status: ServerStatus) throws(ProfileError) {
        guard let json = try? CanonicalJSON.write(status.document) else {
            throw ProfileError(.badInput, "a server's status holds a value that JSON has no form for")
        }
        try setStatus(String(decoding: json, as: UTF8.self))
    }

    /// Lists the servers that a query asks for; fast, from what each said with its last beat.
    ///
    /// A server that died is listed until its beat ends, three seconds by default.
    ///
    /// - Throws: ``ProfileError``: `unavailable` while Redis cannot be reached.
    public func servers(matching query: ServerQuery = ServerQuery()) async throws(ProfileError) -> [ServerListing] {
        do {
            return try await host.backend.servers(matching: query)
        } catch {
            throw ProfileError(error)
        }
    }

    /// Work on profiles that ``ProfileCollection/enqueue(_:priority:timeout:_:)`` has taken on.
    public var work: WorkQueue { host.work }

    /// Asks this server to drain as an operator's `server drain` does: ``run()`` saves, releases and returns.
    public func requestDrain() {
        drainRequest.resolve(.success(true))
    }

    /// Who was not saved and released when ``run()`` threw `drainIncomplete`, in order of the records.
    public var missedDrain: [MissedDrain] { missed.withLock { $0 } }

    /// Whether this server is draining or was asked to.
    public var isDraining: Bool { readiness.isDraining }

    func managedSessions() -> [any ManagedSession] {
        collections.withLock { Array($0.values) }.flatMap { $0.sessions() }
    }

    func managedSession(_ id: RecordID) -> (any ManagedSession)? {
        collections.withLock { $0[id.collection] }?.session(id.key)
    }

    func knows(_ claim: LeaseClaim) -> Bool {
        collections.withLock { $0[claim.id.collection] }?.knows(claim.nonce, of: claim.id.key) ?? false
    }
}
