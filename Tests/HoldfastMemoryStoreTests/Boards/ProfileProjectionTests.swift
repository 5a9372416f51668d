import HoldfastPostgres
import HoldfastProfiles
import HoldfastRedis
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite("Boards that follow profiles", .timeLimit(.minutes(10)))
struct ProfileProjectionTests {
    enum Kind: String, CaseIterable, Sendable { case sqlite, postgres }

    /// Calls `body` with two handles on one migrated store, as two processes have them.
    private func withStores(
        _ kind: Kind, _ body: @escaping @Sendable (any DurableStore, any DurableStore, String) async throws -> Void
    ) async throws {
        let deployment = "test-\(RandomID.random())"
        let folder = try TemporaryFolder()
        let make: @Sendable () async throws -> any DurableStore = {
            switch kind {
            case .sqlite: try SQLiteStore(path: folder.file("store.sqlite"), deployment: deployment)
            case .postgres:
                try PostgresStore(
                    url: try await SharedPostgres.server().url(), deployment: deployment, logger: Logger(label: "test"))
            }
        }
        let (one, two) = (try await make(), try await make())
        _ = try await one.migrate(DeploymentTimings())
        try await body(one, two, deployment)
        await one.close()
        await two.close()
        withExtendedLifetime(folder) {}
    }

    private let settings = BoardSettings(rules: BoardRules(scoreOperator: .set))

    private func top(_ board: Board) async throws -> [Int64] {
        try await board.top(10, maximumAge: .zero).rows.map(\.score)
    }

    @Test("two boards show what was saved, at once and again after Redis lost everything", arguments: Kind.allCases)
    func shows(kind: Kind) async throws {
        let redis = try await PrivateRedis.start()
        try await withStores(kind) { store, _, deployment in
            try await withMemoryStore(on: redis, deployment: deployment, store: store) { memory in
                let level = try await memory.createBoard("level", settings)
                let wealth = try await memory.createBoard("wealth", settings)
                let server = try await ProjectedServer.start(store, boards: memory)
                try await server.save(1, level: 3, wealth: 700)
                try await server.save(2, level: 4, wealth: 50)
                try await eventually("the boards follow") {
                    let (levels, riches) = (try await top(level), try await top(wealth))
                    return levels == [4, 3] && riches == [700, 50]
                }
                try redis.flushAll()
                try await eventually("the boards come back") {
                    let (levels, riches) = (try await top(level), try await top(wealth))
                    return levels == [4, 3] && riches == [700, 50]
                }
                // Set, not best: a profile's score is what it is.
                try await server.save(2, level: 1, wealth: 60)
                try await eventually("a lower score shows") { try await top(level) == [3, 1] }
                await server.crash()
            }
        }
    }

    @Test("a process that dies between the commit and Redis loses no score", arguments: Kind.allCases)
    func survivesDeath(kind: Kind) async throws {
        let redis = try await PrivateRedis.start()
        try await withStores(kind) { store, other, deployment in
            try await withMemoryStore(on: redis, deployment: deployment, store: other) { memory in
                let board = try await memory.createBoard("level", settings)
                try await board.submit(9, for: Key("there before"))
                // Its memory store does not run: nothing of the commit gets to Redis.
                let client = RedisClient(
                    configuration: redis.configuration(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                let dying = MemoryStore(redis: client, deployment: deployment, store: store)
                let server = try await ProjectedServer.start(store, boards: dying, wealth: nil)
                let session = try await server.players.open(Key(1))
                try session.edit { $0.level = 7 }
                try await session.save()
                await server.crash()
                try await eventually("another process finds it") { try await top(board) == [9, 7] }
            }
        }
    }

    @Test("at a reset the store's clock says which season has the score", arguments: Kind.allCases)
    func choosesSeason(kind: Kind) async throws {
        let redis = try await PrivateRedis.start()
        try await withStores(kind) { store, _, deployment in
            try await withMemoryStore(on: redis, deployment: deployment, store: store) { memory in
                var settings = settings
                settings.schedule = try ResetSchedule("* * * * *")
                let board = try await memory.createBoard("level", settings)
                let server = try await ProjectedServer.start(store, boards: memory, wealth: nil)
                // A server's clock is wrong by less than the margin: some are offered to the wrong season first.
                #expect((memory.projectionTargets(of: "level") ?? []).count >= 2)
                try await server.save(1, level: 7, wealth: 0)
                let found = try await store.scoreTables(startingWith: Array("board:level:".utf8), after: nil, limit: 10)
                let scored = found.filter { $0.count > 0 }
                #expect(scored.count == 1)
                let row = try #require(await store.scores(of: scored[0].name, members: [Key(1)])[0])
                let season = try #require(BoardSpace.parse(scored[0].name)?.season)
                #expect((season..<season + 60_000).contains(row.updatedAtMillis))
                let pinned = try await board.season(season)
                try await eventually("Redis has it") { try await top(pinned) == [7] }
                await server.crash()
            }
        }
    }

    @Test("a new season has who was saved in it, and the old one keeps what it had")
    func newSeason() async throws {
        let clock = TestClock()
        let deployment = RandomID.random().description
        let store = InMemoryStore(deployment: deployment) { clock.now }
        _ = try await store.migrate(DeploymentTimings())
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: deployment, store: store) { running in
            var context = running.context
            context.wallClock = { clock.now }
            let memory = MemoryStore(context, ownsCommitter: false)
            let loops = Task { try await memory.run() }
            var settings = settings
            settings.schedule = .daily
            let board = try await memory.createBoard("level", settings)
            clock.advance(3_600_000)
            let server = try await ProjectedServer.start(store, boards: memory, wealth: nil)
            try await server.save(1, level: 1, wealth: 0)
            let session = try await server.players.open(Key(2))
            try session.edit { $0 = ProjectedPlayer(level: 2, wealth: 0) }
            try await session.save()
            try await eventually("the first day") { try await top(board) == [2, 1] }
            let first = try board.info().season.id
            clock.advance(86_400_000)
            try await eventually("an empty second day") { try await top(board).isEmpty }
            // The level is the same.
            try session.edit { $0.wealth = 5 }
            try await session.save()
            try await eventually("the second day") { try await top(board) == [2] }
            let archived = try await board.season(first)
            try await eventually("the first day stays") { try await top(archived) == [2, 1] }
            await server.crash()
            loops.cancel()
            _ = await loops.result
        }
    }

    @Test("the last scores of a season are found although their process died and the season is over")
    func lastOfSeason() async throws {
        let clock = TestClock()
        let deployment = RandomID.random().description
        let store = InMemoryStore(deployment: deployment) { clock.now }
        _ = try await store.migrate(DeploymentTimings())
        let redis = try await PrivateRedis.start()
        let client = RedisClient(
            configuration: redis.configuration(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var context = MemoryStore(redis: client, deployment: deployment, store: store).context
        context.wallClock = { clock.now }
        let memory = MemoryStore(context, ownsCommitter: true)
        let loops = [Task { try await client.run() }, Task { try await memory.run() }]
        var settings = settings
        settings.schedule = .daily
        let board = try await memory.createBoard("level", settings)
        try await board.submit(9, for: Key("there before"))
        let season = try board.info().season
        // The one that dies has no loops: nothing of its commits gets to Redis.
        let server = try await ProjectedServer.start(
            store, boards: MemoryStore(context, ownsCommitter: false), wealth: nil)
        let session = try await server.players.open(Key(1))
        try session.edit { $0.level = 7 }
        try await session.save()
        clock.advance(try #require(season.endsAtMillis) - clock.now + 1)
        await server.crash()
        let archived = try await board.season(season.id)
        try await eventually("another process finds it") { try await top(archived) == [9, 7] }
        for loop in loops {
            loop.cancel()
            _ = await loop.result
        }
    }

    @Test("a board whose rules do not go with projections fails the open")
    func refusesRules() async throws {
        let store = InMemoryStore(deployment: "d")
        _ = try await store.migrate(DeploymentTimings())
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: "d", store: store) { memory in
            func refusal() async throws -> ProfileError.Code? {
                let server = try await ProjectedServer.start(store, boards: memory, wealth: nil)
                defer { Task { await server.crash() } }
                do {
                    try await server.save(1, level: 1, wealth: 0)
                    return nil
                } catch {
                    return (error as? ProfileError)?.code
                }
            }
            #expect(try await refusal() == .notFound)
            try await memory.createBoard("level", BoardSettings(rules: BoardRules(scoreOperator: .increment)))
            #expect(try await refusal() == .badInput)
            try await memory.deleteBoard("level")
            let tries = Tournament(startsAtMillis: 0, maximumSubmissions: 3)
            try await memory.createBoard("level", BoardSettings(tournament: tries))
            #expect(try await refusal() == .badInput)
        }
    }
}
