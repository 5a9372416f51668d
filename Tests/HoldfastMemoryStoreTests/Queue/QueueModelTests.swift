import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct QueueModelTests {
    @Test("random histories agree with plain arrays", arguments: RedisKind.allCases)
    func histories(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(400, lengths: 1...50, firstSeed: kind.firstSeed) { try QueueModel(memory) }
        }
    }

    @Test("random histories with losses of Redis agree with plain arrays", arguments: RedisKind.allCases)
    func durable(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(350, lengths: 1...50, firstSeed: kind.firstSeed) {
                try await DurableQueueModel(memory)
            }
        }
    }
}
