import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct InboxModelTests {
    @Test("random histories agree with plain arrays", arguments: RedisKind.allCases)
    func histories(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(500, lengths: 1...60, firstSeed: kind.firstSeed) { InboxModel(memory) }
        }
    }
}
