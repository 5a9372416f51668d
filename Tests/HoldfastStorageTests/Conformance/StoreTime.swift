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
        throw Unexpected()
    }
}
