import HoldfastMemoryStore
import ModelTesting
import Testing

@Suite struct AnnouncementModelTests {
    @Test("random histories agree with lists of what was published", arguments: RedisKind.allCases)
    func histories(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, server in
            try await withAdministrator(of: server) { redis in
                try await checkHistories(350, firstSeed: kind.firstSeed) {
                    try await AnnouncementModel(memory, administrator: redis)
                }
            }
        }
    }
}
