import Foundation
import HoldfastPostgres
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers
import Testing

@Suite("Frozen layout 2", .timeLimit(.minutes(10)))
struct FrozenSpacesTests {
    private func withSQLite(_ body: (any DurableStore) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("holdfast.sqlite")
        try FileManager.default.copyItem(
            at: try FrozenLayout.fixture("holdfast.sqlite", layout: 2), to: URL(fileURLWithPath: path))
        let store = try SQLiteStore(path: path, deployment: "frozen-2")
        try await body(store)
        await store.close()
        withExtendedLifetime(folder) {}
    }

    private func withPostgres(_ body: (any DurableStore) async throws -> Void) async throws {
        let database = try await PrivatePostgres.start(syncs: false)
        defer { database.stop() }
        let dump = try FrozenLayout.fixture("holdfast.sql", layout: 2).path
        _ = try ChildProcess.output(of: "psql", ["-q", "-v", "ON_ERROR_STOP=1", "-d", database.url(), "-f", dump])
        let store = try PostgresStore(url: database.url(), deployment: "frozen-2", logger: Logger(label: "test"))
        try await body(store)
        await store.close()
    }

    @Test("the first SQLite file with logs, scores and definitions still opens and goes on")
    func sqlite() async throws {
        try await withSQLite { try await play(FrozenSpaces($0)) }
    }

    @Test("the first SQL dump with logs, scores and definitions still opens and goes on")
    func postgres() async throws {
        try await withPostgres { try await play(FrozenSpaces($0)) }
    }

    @Test("a migration leaves what is there")
    func migrates() async throws {
        try await withSQLite { store in
            _ = try await store.migrate(DeploymentTimings())
            try await play(FrozenSpaces(store))
        }
        try await withPostgres { store in
            _ = try await store.migrate(DeploymentTimings())
            try await play(FrozenSpaces(store))
        }
    }

    /// Reads every kind of row, and goes on where the frozen history ended.
    private func play(_ frozen: FrozenSpaces) async throws {
        let store = frozen.store
        #expect(try await store.logs(startingWith: [], after: nil, limit: 10).map(\.name) == [frozen.log])
        let page = try #require(await store.entries(of: frozen.log, after: 0, limit: 10))
        #expect(page.entries.map(\.sequence) == [1, 3] && page.entries.map(\.priority) == [0, 1])
        #expect(page.entries.map(\.value) == [Array("one".utf8), Array("three".utf8)] && page.lastSequence == 3)
        let more = AppendRequest.Entry(id: .random(), value: [])
        let appended = try await store.execute([.append(AppendRequest(log: frozen.log, entries: [more]))])
        #expect(appended == [.append(.appended(generation: page.generation, sequences: [4]))])

        let scores = try #require(await store.scores(of: frozen.table, changedAfter: 0, limit: 10))
        #expect(scores.rows.map(\.member.description) == ["ann", "ben", "cat", "dan", "pia"])
        #expect(scores.rows.map(\.score) == [.max, -3, 0, 0, 40] && scores.rows.map(\.change) == [1, 3, 4, 6, 7])
        #expect(scores.rows.map(\.submissions) == [1, 2, 0, 0, 1])
        #expect(scores.rows.map(\.isRemoved) == [false, false, false, true, false])
        #expect(scores.rows[0].subscore == .min && scores.rows[1].subscore == 9)
        #expect(scores.rows[0].metadata == Array(#"{"name":"Ann"}"#.utf8) && scores.lastChange == 7)
        // A version that the board has, then the next one.
        let old = try frozen.submission("pia", .submit(score: 1, subscore: 0, rule: ScoreRule()), version: 1)
        let repeated = try await store.execute([.submit(ScoreBatch(id: .random(), submissions: [old]))])
        guard case .submit(let outcome)? = repeated.first else { throw TestServerError("no outcome of a batch") }
        #expect(outcome.outcomes == [.refused(.superseded)])
        #expect(try await store.execute([.commit(try frozen.save(version: 1, score: 50))]) == [.commit(.committed)])
        #expect(try await store.scores(of: frozen.table, members: [Key("pia")])[0]?.score == 50)
        #expect(try await store.scoreTables(startingWith: [], after: nil, limit: 10).map(\.count) == [4])

        let board = try #require(await store.definition(frozen.board))
        #expect(board.version == 2 && board.value == Array(#"{"a":1}"#.utf8))
        #expect(try await store.definition(frozen.removed) == nil)
        // The removal counted, too.
        let again = try await store.putDefinition(frozen.removed, value: [0x31], ifVersion: 0)
        #expect(again == .stored(version: 3))
    }
}
