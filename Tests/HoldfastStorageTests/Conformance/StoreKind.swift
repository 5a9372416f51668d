import HoldfastPostgres
import HoldfastSQLite
import HoldfastStorage
import Logging
import TestServers

/// The backends that the conformance suite runs against.
enum StoreKind: String, CaseIterable, Sendable {
    case memory, sqlite, postgres, pgbouncer
}

/// Calls `body` with a migrated store of its own.
func withStore<Result>(_ kind: StoreKind, _ body: (any DurableStore) async throws -> Result) async throws -> Result {
    try await withStores(kind, 1) { try await body($0[0]) }
}

/// Calls `body` with several handles on one migrated store, as several processes would have them.
func withStores<Result>(
    _ kind: StoreKind, _ count: Int, _ body: ([any DurableStore]) async throws -> Result
) async throws -> Result {
    switch kind {
    case .memory:
        let store = InMemoryStore(deployment: "test")
        return try await using(Array(repeating: store, count: count), body)
    case .sqlite:
        let folder = try TemporaryFolder()
        let stores = try (0..<count).map { _ in
            try SQLiteStore(path: folder.file("store.sqlite"), deployment: "test", busyTimeout: .seconds(60))
        }
        let result = try await using(stores, body)
        withExtendedLifetime(folder) {}
        return result
    case .postgres:
        return try await using(try postgresStores(try await SharedPostgres.server().url(), count), body)
    case .pgbouncer:
        return try await using(try postgresStores(try await SharedPostgres.bouncer().url(), count), body)
    }
}

/// Handles on a deployment of their own in a shared server.
func postgresStores(
    _ url: String, _ count: Int, deployment: String = "test-\(RandomID.random())"
) throws -> [PostgresStore] {
    try (0..<count).map { _ in
        try PostgresStore(url: url, deployment: deployment, logger: Logger(label: "test"))
    }
}

/// Migrates, calls `body` and closes, whatever happens.
func using<Result>(
    _ stores: [any DurableStore], _ body: ([any DurableStore]) async throws -> Result
) async throws -> Result {
    do {
        _ = try await stores[0].migrate(DeploymentTimings())
        let result = try await body(stores)
        for store in stores { await store.close() }
        return result
    } catch {
        for store in stores { await store.close() }
        throw error
    }
}
