import Glibc
import HoldfastPostgres
import HoldfastStorage
import Logging
import Synchronization
import TestServers
import Testing

/// What only a server on the other side of a connection can do wrong; the rules of a store are in the conformance
/// suite.
@Suite("PostgreSQL store")
struct PostgresStoreTests {
    // MARK: - Faults

    @Test("killing the backend during saves loses none and repeats none: the save id settles the outcome")
    func killedBackend() async throws {
        let server = try await PrivatePostgres.start(syncs: false)
        let game = try await Game(server.url())
        try await game.open()
        let killer = Task.detached {
            defer { game.isOver.store(true, ordering: .releasing) }
            for _ in 0..<3 {
                let version = game.version
                try await eventually("a backend serves the saves") {
                    guard let backend = try? server.backends(of: "holdfast groups").first else { return false }
                    server.kill(backend: backend)
                    return true
                }
                try await eventually("saves go on") { game.version > version + 20 }
            }
        }
        var faults = 0
        while !game.isOver.load(ordering: .acquiring) { faults += try await game.saveUntilSettled() }
        try await killer.value
        #expect(faults >= 1)
        #expect(try await game.store.read(game.id)?.version == game.version)
        await game.store.close()
    }

    @Test("a frozen server ends a call at its deadline, and the save is settled after it thaws")
    func frozenServer() async throws {
        let server = try await PrivatePostgres.start(syncs: false)
        let game = try await Game(server.url(), callTimeout: .seconds(1))
        try await eventually("the session is open") { (try? await game.open()) != nil }
        try await eventually("it is read") { (try? await game.store.read(game.id)) != nil }
        server.pause()
        let save = game.nextSave()
        let sent = await #expect(throws: StoreError.self) { try await game.store.execute([.commit(save)]) }
        #expect(sent?.code == .outcomeUnknown)
        let asked = await #expect(throws: StoreError.self) { try await game.store.read(game.id) }
        #expect(asked?.code == .unavailable)
        // The dropped connection is made again, which a frozen server does not answer either.
        let unsent = await #expect(throws: StoreError.self) { try await game.store.execute([.commit(save)]) }
        #expect(unsent?.code == .unavailable)
        server.resume()
        _ = try await game.settle(save)
        try await eventually("the save is there once") { (try? await game.store.read(game.id))?.version == 1 }
        await game.store.close()
    }

    @Test("after a restart of the server the next call connects again")
    func restartedServer() async throws {
        let server = try await PrivatePostgres.start(syncs: false)
        let game = try await Game(server.url())
        try await game.open()
        _ = try await game.saveUntilSettled()
        try await server.restart()
        _ = try await game.saveUntilSettled()
        try await server.kill()
        let error = await #expect(throws: StoreError.self) { try await game.store.read(game.id) }
        #expect(error?.code == .unavailable)
        try await server.restart()
        try await eventually("the store answers again") { (try? await game.store.read(game.id))?.version == 2 }
        await game.store.close()
    }

    @Test("a save that waits for another's lock gives up in time and leaves a usable connection")
    func lockedRow() async throws {
        let server = try await SharedPostgres.server()
        let game = try await Game(server.url() + "&application_name=locked-row", callTimeout: .seconds(3))
        try await game.open()
        let holder = Task.detached {
            try server.query(
                """
                BEGIN; SELECT 1 FROM holdfast.record WHERE key = '\(game.id.key)' FOR UPDATE;
                SELECT pg_sleep(50); COMMIT
                """)
        }
        let others = "FROM pg_stat_activity WHERE query LIKE '%\(game.id.key)%pg_sleep%' AND pid <> pg_backend_pid()"
        try await eventually("the row is locked") {
            try server.query("SELECT count(*) \(others) AND wait_event = 'PgSleep'") == "1"
        }
        let backends = try server.backends(of: "locked-row")
        let error = await #expect(throws: StoreError.self) { try await game.store.execute([.commit(game.nextSave())]) }
        #expect(error?.code == .unavailable)
        try server.query("SELECT pg_terminate_backend(pid) \(others)")
        _ = await holder.result
        _ = try await game.saveUntilSettled()
        #expect(try server.backends(of: "locked-row") == backends)
        await game.store.close()
    }

    // MARK: - Addresses

    @Test("a wrong or missing password and a missing right are refusals")
    func refusedUser() async throws {
        let server = try await SharedPostgres.server()
        _ = try await Game(server.url())
        func code(_ password: String?) async -> StoreError.Code? {
            await failure(of: server.url(user: "guarded"), password: password)?.code
        }
        #expect(await code(nil) == .denied)
        #expect(await code("wrong") == .denied)
        #expect(await code("secret") == .denied, "this user may connect, but not read the tables")
    }

    @Test("a missing socket, an unknown host, a silent listener and an unknown database are told apart")
    func wrongAddress() async throws {
        let server = try await SharedPostgres.server()
        let folder = try TemporaryFolder()
        let soon = Duration.milliseconds(1_500)
        #expect(await failure(of: "postgres://x@/y?host=\(folder.path)", within: soon)?.code == .unavailable)
        #expect(await failure(of: "postgres://x@nowhere.invalid/y", within: soon)?.code == .unavailable)
        #expect(await failure(of: server.url(database: "nowhere"))?.code == .notFound)

        let silent = try SilentListener(path: folder.file(".s.PGSQL.5432"))
        #expect(await failure(of: "postgres://x@/y?host=\(folder.path)", within: soon)?.code == .unavailable)
        silent.close()
    }

    @Test(
        "a URL that cannot be used is refused without repeating it",
        arguments: [
            "", "sqlite:x", "host=/tmp", "postgres://", "postgres:///db", "postgres://u:pass%zz@h/db",
            "postgres://u:pass@h/db?nonsense=1",
        ])
    func badURL(_ url: String) {
        let error = #expect(throws: StoreError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.code == .badInput)
        #expect(error?.message.contains("pass%") == false)
    }

    // MARK: - Layout

    @Test("several processes that migrate at once agree on one deployment")
    func migrations() async throws {
        let server = try await SharedPostgres.server()
        let database = "m\(RandomID.random())"
        try server.query("CREATE DATABASE \(database)")
        let unmigrated = await failure(of: server.url(database: database))
        #expect(unmigrated?.code == .wrongDeployment)
        #expect(unmigrated?.message.contains("holdfast migrate") == true)
        let ids = try await withThrowingTaskGroup(of: RandomID.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let store = try Self.store(server.url(database: database))
                    let id = try await store.migrate(DeploymentTimings()).id
                    await store.close()
                    return id
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test("a newer layout is used while it allows it, and refused by name when it does not")
    func newerLayout() async throws {
        let server = try await SharedPostgres.server()
        let database = "n\(RandomID.random())"
        try server.query("CREATE DATABASE \(database)")
        let store = try Self.store(server.url(database: database))
        _ = try await store.migrate(DeploymentTimings())
        try server.query("UPDATE holdfast.layout SET schema = 9", database: database)
        #expect(try await store.migrate(DeploymentTimings()).schema == 9)
        try server.query("UPDATE holdfast.layout SET minimum_reader = 4", database: database)
        #expect(await failure(of: server.url(database: database))?.code == .newerSchema)
        let migration = await #expect(throws: StoreError.self) { try await store.migrate(DeploymentTimings()) }
        #expect(migration?.code == .newerSchema)
        #expect(try server.query("SELECT schema FROM holdfast.layout", database: database) == "9")
        await store.close()
    }

    // MARK: - Races

    @Test("of two stores that race for a record, the higher token wins and no save is counted twice")
    func race() async throws {
        let server = try await SharedPostgres.server()
        let one = try await Game(server.url())
        let two = try await Game(server.url(), like: one)
        var saves: Int64 = 0
        for round in 1...25 {
            let token = Int64(round) * 2
            async let first = one.sealAndSave(token: token)
            async let second = two.sealAndSave(token: token + 1)
            let (lower, higher) = (try await first, try await second)
            #expect(higher || lower, "somebody wins")
            saves += (lower ? 1 : 0) + (higher ? 1 : 0)
        }
        let record = try await one.store.read(one.id)
        #expect(record?.version == saves)
        #expect(record?.fence == 51)
        await one.store.close()
        await two.store.close()
    }

    @Test("deliveries that race with settlements are neither lost nor applied twice")
    func deliveriesAndSettlements() async throws {
        let server = try await SharedPostgres.server()
        let game = try await Game(server.url())
        let sender = try await Game(server.url(), like: game)
        try await game.open()
        let total = 60
        async let sent: Void = {
            for number in 0..<total {
                let delivery = Delivery(
                    record: game.id, id: try OperationID("reward:\(number)"), type: "reward", payload: [0x31])
                for attempt in 0..<2 {
                    guard case .deliver(let outcome)? = try await sender.store.execute([.deliver(delivery)]).first
                    else { throw TestServerError("no answer to a delivery") }
                    if attempt == 0 { #expect(outcome == .delivered) }
                    if attempt == 1 { #expect(outcome == .duplicate(.pending) || outcome == .duplicate(.applied)) }
                }
            }
        }()
        var applied: [OperationID] = []
        while applied.count < total {
            let pending = try await game.store.pendingOperations(of: [game.id])
            guard !pending.isEmpty else {
                await Task.yield()
                continue
            }
            let settlements = pending.map {
                Settlement(record: game.id, id: $0.id, state: .applied, attempts: 1)
            }
            #expect(try await game.saveUntilSettled(settlements) == 0)
            // The same again: no operation is applied twice.
            var again = game.nextSave()
            again.settlements = settlements
            let outcome = try await game.store.execute([.commit(again)])
            guard case .commit(.refused(_, let settled))? = outcome.first else {
                Issue.record("settled twice: \(outcome)")
                return
            }
            #expect(settled == pending.map(\.id))
            applied += pending.map(\.id)
        }
        try await sent
        #expect(applied.map(\.description) == (0..<total).map { "reward:\($0)" })
        let receipts = try await game.store.operations(of: game.id, after: 0, limit: 1_000)
        #expect(receipts.count == total)
        #expect(receipts.allSatisfy { $0.state == .applied })
        await game.store.close()
        await sender.store.close()
    }

    @Test("more clients than server connections share a PgBouncer in transaction mode")
    func bouncer() async throws {
        let bouncer = try await PrivatePgBouncer.start(before: try await SharedPostgres.server(), poolSize: 2)
        let first = try await Game(bouncer.url())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let game = try await Game(bouncer.url(), besides: first)
                    try await game.open()
                    for _ in 0..<25 { #expect(try await game.saveUntilSettled() == 0) }
                    #expect(try await game.store.read(game.id)?.version == 25)
                    await game.store.close()
                }
            }
            try await group.waitForAll()
        }
        await first.store.close()
    }

    @Test("calls after the end of a store are refused, and those before it are answered")
    func closing() async throws {
        let game = try await Game(try await SharedPostgres.server().url())
        try await game.open()
        async let saved = game.saveUntilSettled()
        let faults = try await saved
        #expect(faults == 0)
        await game.store.close()
        await game.store.close()
        let error = await #expect(throws: StoreError.self) { try await game.store.read(game.id) }
        #expect(error?.code == .closed)
    }

    // MARK: - Helpers

    fileprivate static func store(
        _ url: String, password: String? = nil, deployment: String = "test", callTimeout: Duration = .seconds(30)
    ) throws -> PostgresStore {
        let configuration = try PostgresConfiguration(
            url: url, password: password, callTimeout: callTimeout, connectTimeout: .seconds(5))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try PostgresStore(configuration, deployment: deployment, logger: logger)
    }

    /// The error of the first call; nil when there is none.
    private func failure(
        of url: String, password: String? = nil, within limit: Duration = .seconds(30)
    ) async -> StoreError? {
        do {
            let store = try Self.store(url, password: password, callTimeout: limit)
            defer { Task { await store.close() } }
            _ = try await store.deployment()
            return nil
        } catch {
            return error as? StoreError
        }
    }
}

/// One session that saves one record.
private final class Game: Sendable {
    let store: PostgresStore
    let id: RecordID
    private let deployment: String
    private let owner = Owner(nonce: .random(), server: "server", boot: .random())
    private let saved = Mutex<Int64>(0)
    private let token = Mutex<Int64>(1)
    /// Set by a test that runs beside the saves.
    let isOver = Atomic(false)

    /// How many saves are settled.
    var version: Int64 { saved.withLock { $0 } }

    /// A session of a deployment of its own.
    convenience init(_ url: String, callTimeout: Duration = .seconds(30)) async throws {
        try await self.init(
            url, deployment: "d-\(RandomID.random())", key: Key("k-\(RandomID.random())"), callTimeout: callTimeout)
        // A deadline that a test wants is none for the layout.
        let patient = try PostgresStoreTests.store(url, deployment: deployment)
        _ = try await patient.migrate(DeploymentTimings())
        await patient.close()
    }

    /// A session of the same record.
    convenience init(_ url: String, like other: Game) async throws {
        try await self.init(url, deployment: other.deployment, key: other.id.key, callTimeout: .seconds(30))
    }

    /// A session of another record of the same deployment.
    convenience init(_ url: String, besides other: Game) async throws {
        try await self.init(
            url, deployment: other.deployment, key: Key("k-\(RandomID.random())"), callTimeout: .seconds(30))
    }

    private init(_ url: String, deployment: String, key: Key, callTimeout: Duration) async throws {
        self.deployment = deployment
        self.store = try PostgresStoreTests.store(url, deployment: deployment, callTimeout: callTimeout)
        self.id = RecordID(collection: try CollectionName("players"), key: key)
    }

    func open() async throws {
        let reply = try await store.execute([.seal(SealRequest(id: id, token: 1, owner: owner))])
        guard case .seal(.sealed)? = reply.first else { throw TestServerError("not sealed: \(reply)") }
    }

    func nextSave() -> CommitRequest {
        CommitRequest(writes: [write(token: token.withLock { $0 }, version: version)])
    }

    /// Saves once more, and repeats the request until the store has answered; returns how often it failed.
    func saveUntilSettled(_ settlements: [Settlement] = []) async throws -> Int {
        var save = nextSave()
        save.settlements = settlements
        return try await settle(save)
    }

    func settle(_ save: CommitRequest) async throws -> Int {
        var faults = 0
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                switch try await store.execute([.commit(save)]).first {
                case .commit(.committed): break
                case .commit(.refused(let rows, _)) where rows.first??.saveID == save.writes[0].saveID: break
                case let other: throw TestServerError("a save was refused: \(String(describing: other))")
                }
                saved.withLock { $0 += 1 }
                return faults
            } catch let error as StoreError where error.isRetriable && ContinuousClock.now < deadline {
                faults += 1
            }
        }
    }

    /// Takes the record and saves once; whether both succeeded.
    func sealAndSave(token: Int64) async throws -> Bool {
        let reply = try await store.execute([.seal(SealRequest(id: id, token: token, owner: owner))])
        guard case .seal(.sealed(let record))? = reply.first else { return false }
        let save = CommitRequest(writes: [write(token: token, version: record.version)])
        return try await store.execute([.commit(save)]) == [.commit(.committed)]
    }

    private func write(token: Int64, version: Int64) -> RecordWrite {
        let payload = Payload(bytes: [0, 0x7B, 0x7D], checksum: 7, documentBytes: 2)
        return RecordWrite(
            id: id, fence: token, nonce: owner.nonce, version: version, saveID: .random(),
            change: .content(Content(payload: payload, schema: 1)))
    }
}

/// A Unix socket that takes connections and never says a word.
private struct SilentListener {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else { throw TestServerError("cannot listen on \(path)") }
    }

    func close() {
        Glibc.close(descriptor)
    }
}
