import Foundation
import HoldfastProfiles
import HoldfastSQLite
import HoldfastStorage
import TestServers
import Testing

@Suite("Operations on a store of an older layout", .timeLimit(.minutes(5)))
struct OldLayoutOperationTests {
    @Test("one that needs a second step waits for the migration, and keeps nothing from being saved")
    func steps() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("holdfast.sqlite")
        try FileManager.default.copyItem(
            at: try FrozenLayout.fixture("holdfast.sqlite", layout: 2), to: URL(fileURLWithPath: path))
        let store = try SQLiteStore(path: path, deployment: "frozen-2")
        let schema = try await store.deployment().schema
        #expect(schema == 2)
        let fleet = try await Fleet(store: store, timings: DeploymentTimings(), migrates: false)
        let old = try await fleet.server("a")
        let shop = try old.shop()
        try await shop.deliver(PayWages(days: 2), to: Key(1), id: "long")
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "short")
        try await shop.withSession(for: Key(1)) { session in
            #expect(session.document.coins == 10)
            try session.edit { $0.rewards = 1 }
        }
        #expect(try await shop.state("short") == .applied)
        #expect(try await shop.state("long") == .pending)
        try await old.drain()

        _ = try await store.migrate(DeploymentTimings())
        let new = try await fleet.server("b")
        let other = try new.shop()
        let session = try await other.open(Key(1))
        #expect(try await other.result(of: "long", key: Key(1), timeout: .seconds(60)).state == .applied)
        #expect(session.document == Player(coins: 30, rewards: 1))
        try await session.close()
        try await new.drain()
        await store.close()
    }
}
