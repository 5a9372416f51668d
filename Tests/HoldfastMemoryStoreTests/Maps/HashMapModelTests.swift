import HoldfastMemoryStore
import ModelTesting
import Testing

@Suite struct HashMapModelTests {
    @Test("random histories agree with a dictionary, also while it is listed", arguments: RedisKind.allCases)
    func histories(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(200, firstSeed: kind.firstSeed) { try HashMapModel(memory) }
        }
    }
}
