import HoldfastPostgres
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// The stores that boards are tested with.
enum BoardStoreKind: String, CaseIterable, Sendable {
    case sqlite, postgres
}

/// Several memory stores over one Redis and one store, each with connections of its own, as processes have them.
struct BoardFleet: Sendable {
    let processes: [MemoryStore]
    /// Nobody else uses it.
    let redis: PrivateRedis
    /// A handle of the test's own.
    let store: any DurableStore

    subscript(process: Int) -> MemoryStore { processes[process] }

    /// Runs a fleet while `body` runs.
    ///
    /// Unless it is to lose its patience with a Redis that is away, it waits for one that stands still for some
    /// seconds.
    static func with(
        _ kind: BoardStoreKind, _ count: Int = 1, _ options: PrivateRedis.Options = PrivateRedis.Options(),
        isPatient: Bool = true, _ body: @escaping @Sendable (BoardFleet) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let deployment = "boards-\(RandomID.random())"
        let url = kind == .postgres ? try await SharedPostgres.server().url() : ""
        try await with(count, options, deployment, isPatient: isPatient) {
            switch kind {
            case .sqlite:
                try SQLiteStore(
                    path: folder.file("store.sqlite"), deployment: deployment, busyTimeout: .seconds(30))
            case .postgres: try PostgresStore(url: url, deployment: deployment, logger: Self.logger)
            }
        } _: {
            try await body($0)
        }
        withExtendedLifetime(folder) {}
    }

    /// The same over a store that all processes share, with a clock of the test's own.
    static func with(
        _ store: any DurableStore, clock: BoardClock? = nil, _ count: Int = 1,
        _ options: PrivateRedis.Options = PrivateRedis.Options(),
        _ body: @escaping @Sendable (BoardFleet) async throws -> Void
    ) async throws {
        try await with(count, options, "test", clock: clock, open: { store }, body)
    }

    private static func with(
        _ count: Int, _ options: PrivateRedis.Options, _ deployment: String, clock: BoardClock? = nil,
        isPatient: Bool = true, open: () async throws -> any DurableStore,
        _ body: @escaping @Sendable (BoardFleet) async throws -> Void
    ) async throws {
        let redis = try await PrivateRedis.start(options)
        defer { redis.stop() }
        var stores = [try await open()]
        _ = try await stores[0].migrate(DeploymentTimings())
        for _ in 0..<count { stores.append(try await open()) }
        let processes = stores.dropFirst().map {
            Process($0, redis.configuration(), deployment: deployment, clock: clock, isPatient: isPatient)
        }
        let fleet = BoardFleet(processes: processes.map(\.memory), redis: redis, store: stores[0])
        let result = await running(processes) { try await body(fleet) }
        for store in stores { await store.close() }
        redis.expectNoRefusals()
        try result.get()
    }

    private static func running(
        _ processes: [Process], _ body: @escaping @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            for process in processes {
                group.addTask {
                    await process.run()
                    return nil
                }
            }
            group.addTask {
                do {
                    return .success(try await body())
                } catch {
                    return .failure(error)
                }
            }
            defer { group.cancelAll() }
            while let finished = await group.next() {
                if let finished { return finished }
            }
            return .failure(TestServerError("the fleet ended before the test"))
        }
    }

    /// One more memory store, which runs only while `body` does.
    func withProcess(
        clock: BoardClock? = nil, _ body: @escaping @Sendable (MemoryStore) async throws -> Void
    ) async throws {
        let deployment = try await store.deployment().name
        let process = Process(
            store, redis.configuration(), deployment: deployment, clock: clock, isPatient: false)
        try await Self.running([process]) { try await body(process.memory) }.get()
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Process: Sendable {
        let client: RedisClient
        let memory: MemoryStore

        init(
            _ store: any DurableStore, _ configuration: RedisConfiguration, deployment: String, clock: BoardClock?,
            isPatient: Bool = true
        ) {
            let timeout = Duration.seconds(isPatient ? 30 : 5)
            client = RedisClient(configuration: configuration, logger: BoardFleet.logger)
            let committer = GroupCommitter(store: store, logger: BoardFleet.logger)
            var context = MemoryStore.Context(
                redis: client, keys: KeySpace(deployment: deployment),
                durable: MemoryStore.Durable(store: store, committer: committer, timeout: timeout),
                logger: BoardFleet.logger, timeout: timeout)
            if let clock { context.wallClock = { clock.now } }
            if isPatient { context.boardWaits = BoardWaits(patience: timeout, plain: timeout) }
            memory = MemoryStore(context, ownsCommitter: true)
        }

        func run() async {
            // No child: it goes last, so that what is on its way to Redis arrives.
            let connection = Task { try? await client.run() }
            try? await memory.run()
            connection.cancel()
            await connection.value
        }
    }
}

/// The time of day for processes and for a store, moved by the test alone.
final class BoardClock: Sendable {
    static let day: Int64 = 86_400_000

    private let millis = Atomic<Int64>(2_000_000_000_000 / day * day)

    var now: Int64 { millis.load(ordering: .sequentiallyConsistent) }

    func advance(_ millis: Int64) {
        self.millis.add(millis, ordering: .sequentiallyConsistent)
    }
}

extension Board {
    /// Every row that Redis has.
    func allRows() async throws -> [BoardRow] {
        var rows: [BoardRow] = []
        var cursor: BoardCursor?
        repeat {
            let page = try await top(Self.maximumRows, after: cursor, details: true, maximumAge: .zero)
            rows += page.rows
            cursor = page.next
        } while cursor != nil
        return rows
    }

    /// Every row that there should be.
    func storedRows(_ store: any DurableStore) async throws -> [BoardRow] {
        let source = try requireDurable()
        return try await store.boardRows(of: source.record.space.table(source.season.id), rules)
    }

    /// Waits until Redis has what the store has, row by row, and says where it does not.
    func expectProjected(
        _ store: any DurableStore, within limit: Duration = .seconds(60),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var found: [BoardRow] = []
        var wanted: [BoardRow] = []
        do {
            try await eventually("Redis has what the store has", within: limit) {
                wanted = try await storedRows(store)
                do {
                    found = try await allRows()
                } catch {
                    guard (error as? MemoryStoreError)?.isRetriable == true else { throw error }
                    return false
                }
                return found == wanted
            }
        } catch let error as TestServerError {
            let difference = zip(found, wanted).first { $0 != $1 }
            Issue.record(
                "\(error): \(found.count) rows for \(wanted.count), first other \(String(describing: difference))",
                sourceLocation: sourceLocation)
        }
    }
}

extension DurableStore {
    /// Every row that a board of this score table should have, by a plain sort.
    func boardRows(of table: SpaceName, _ rules: BoardRules) async throws -> [BoardRow] {
        var model = BoardModel(rules)
        var change: Int64 = 0
        while let page = try await scores(of: table, changedAfter: change, limit: 1_000), !page.rows.isEmpty {
            for row in page.rows where !row.isRemoved && row.submissions > 0 { model.insert(row) }
            change = page.rows[page.rows.count - 1].change
        }
        let sorted = model.sorted
        // As a plain sort ranks them; the model's own way takes a square of time.
        var rows: [BoardRow] = []
        for (place, row) in sorted.enumerated() {
            let isTied = place > 0 && sorted[place - 1].pair == row.pair
            let last = rows.last?.rank ?? 0
            let rank =
                switch rules.ranks {
                case .unique: place + 1
                case .competition: isTied ? last : place + 1
                case .dense: isTied ? last : last + 1
                }
            rows.append(
                BoardRow(
                    rank: rank, member: row.member, score: row.pair.score, subscore: row.pair.subscore,
                    details: BoardDetails(submissions: row.submissions, metadata: row.metadata)))
        }
        return rows
    }
}
