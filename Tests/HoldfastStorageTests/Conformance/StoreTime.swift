import Foundation
import HoldfastStorage
import Synchronization
import TestServers

@testable import HoldfastSQLite

/// Lets time pass for the rows of one store.
struct StoreTime: Sendable {
    fileprivate let go: @Sendable (Int64) async throws -> Void

    /// Makes every date of the store so many milliseconds older than its clock.
    func pass(_ millis: Int64) async throws { try await go(millis) }

    static let hour: Int64 = 3_600_000
    /// Where clocks that stand still begin: 10:59:59.999 UTC.
    static let start: Int64 = 1_767_265_199_999
}

/// Calls `body` with a migrated store whose clock stands still but for what the test lets pass.
///
/// A server's clock runs; there the rows are made older.
func withTimedStore<Result>(
    _ kind: StoreKind, _ body: (any DurableStore, StoreTime) async throws -> Result
) async throws -> Result {
    let clock = Mutex(StoreTime.start)
    let time = StoreTime { millis in clock.withLock { $0 += millis } }
    let now: @Sendable () -> Int64 = { clock.withLock { $0 } }
    switch kind {
    case .memory:
        return try await using([InMemoryStore(deployment: "test", now: now)]) { try await body($0[0], time) }
    case .sqlite:
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("store.sqlite"), deployment: "test", now: now)
        let result = try await using([store]) { try await body($0[0], time) }
        withExtendedLifetime(folder) {}
        return result
    case .postgres, .pgbouncer:
        // A full hour that struck between two writes would keep a version that no test expects.
        try await eventually("no hour ends soon") {
            StoreTime.hour - Int64(Date().timeIntervalSince1970 * 1_000) % StoreTime.hour > 15_000
        }
        let server = try await SharedPostgres.server()
        let url = kind == .postgres ? server.url() : try await SharedPostgres.bouncer().url()
        let name = "test-\(RandomID.random())"
        let time = StoreTime { try server.age(name, by: $0) }
        return try await using(try postgresStores(url, 1, deployment: name)) { try await body($0[0], time) }
    }
}

extension PrivatePostgres {
    /// Makes the dates of a deployment's records older.
    func age(_ deployment: String, by millis: Int64, database: String = "postgres") throws {
        let number = "(SELECT number FROM holdfast.deployment WHERE name = '\(deployment)')"
        try query(
            """
            UPDATE holdfast.record SET updated_at = updated_at - \(millis) WHERE deployment = \(number);
            UPDATE holdfast.history SET updated_at = updated_at - \(millis), replaced_at = replaced_at - \(millis)
            WHERE deployment = \(number)
            """, database: database)
    }
}
