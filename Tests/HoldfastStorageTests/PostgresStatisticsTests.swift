import HoldfastPostgres
import HoldfastStorage
import Logging
import TestServers
import Testing

/// Plans that PostgreSQL makes from what it knew of a table at a bad moment.
@Suite("Stale statistics of PostgreSQL", .timeLimit(.minutes(10)))
struct PostgresStatisticsTests {
    @Test("as many parts as a write may remove go in time, though the table was nearly empty when it was analyzed")
    func removesMany() async throws {
        let server = try await PrivatePostgres.start(syncs: false)
        defer { server.stop() }
        let store = try PostgresStore(url: server.url(), deployment: "game", logger: Logger(label: "test"))
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor("world")
        _ = try await session.seal(store)
        let all = try (0..<PartWrite.maximumCount).map { try part("a\($0)") }
        try await session.saved(store, "full", parts: all)
        // Leaves one row in many pages, which is what the server then believes in.
        try server.query("DELETE FROM holdfast.part WHERE name <> 'a0'")
        try server.query("VACUUM ANALYZE holdfast.part")
        #expect(try server.query("SELECT reltuples FROM pg_class WHERE oid = 'holdfast.part'::regclass") != "0")
        try await session.saved(store, "full", parts: all)
        try await session.saved(store, "less", parts: try all.map { try part("\($0.name)", nil) })
        #expect(try await store.partSummary(of: session.id).count == 0)
        await store.close()
    }
}
