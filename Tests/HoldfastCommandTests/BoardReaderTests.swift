import Foundation
import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import Logging
import Synchronization
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct BoardReaderTests {
    /// A store that refuses to read the scores of members for the first times.
    private final class RefusingStore: StoreRelay {
        let store: any DurableStore
        private let refusals = Mutex(3)

        init(store: any DurableStore) {
            self.store = store
        }

        var hasRefused: Bool { refusals.withLock { $0 == 0 } }

        func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
            let refuses = refusals.withLock { left in
                defer { left = max(left - 1, 0) }
                return left > 0
            }
            if refuses { throw StoreError(.unavailable, "not now") }
            return try await store.scores(of: table, members: members)
        }
    }

    @Test("a side that is away for a moment ends the reading of no board")
    func retries() async throws {
        let redis = try await RedisProcess.start()
        let logger = Logger(label: "test")
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: logger)
        let store = RefusingStore(store: InMemoryStore(deployment: "demo"))
        _ = try await store.migrate(DeploymentTimings())
        let memory = MemoryStore(redis: client, deployment: "demo", store: store, logger: logger)
        let folder = try TemporaryFolder()
        try await withRunning(client) {
            try await withRunning(memory) {
                let player = try Key(FleetPlayer.name(0))
                for board in DemoBoard.allCases {
                    let created = try await memory.createBoard(board.name(in: "c"), board.settings)
                    if board == .best { _ = try await created.submit(7, for: player) }
                }
                let journal = try DemoJournal(folder: folder.path, server: "demo", boot: "b")
                try await BoardReader(memory: memory, collection: "c", players: 3, journal: journal).read()
            }
        }
        #expect(store.hasRefused)
        let text = try String(contentsOfFile: folder.file("demo-b.jsonl"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        #expect(lines.count { $0.contains("\"ranking\"") } == DemoBoard.allCases.count)
        #expect(lines.count { $0.contains("\"ranked\"") } == 1)
    }
}
