import HoldfastStorage
import ModelTesting
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct DurableBoardModelTests {
    @Test(
        "whatever crashes, is lost or goes back: acknowledged scores count once, and Redis gets what the store has",
        arguments: [
            BoardRules(scoreOperator: .increment, ties: .first),
            BoardRules(scoreOperator: .increment, ranks: .dense, shards: 2),
        ])
    func histories(_ rules: BoardRules) async throws {
        var options = PrivateRedis.Options()
        // The test copies keys, which no user may.
        options.accessControl = false
        let server = try await PrivateRedis.start(options)
        defer { server.stop() }
        try await withMemoryStore(on: server, deployment: "test") { memory in
            try await checkHistories(350, lengths: 1...40) {
                let store = InMemoryStore(deployment: "test")
                _ = try await store.migrate(DeploymentTimings())
                return try DurableBoardSubject(memory, store, rules)
            }
        }
    }
}
