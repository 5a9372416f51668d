import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct SortedMapModelTests {
    @Test("random histories agree with a sorted list", arguments: RedisKind.allCases)
    func histories(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(400, firstSeed: kind.firstSeed) { try SortedMapModel(memory) }
        }
    }

    @Test("random histories on a map that is often full agree, to the item and to the byte")
    func full() async throws {
        try await withMemoryStore { memory, _ in
            try await checkHistories(250, firstSeed: 1_000_000) {
                try SortedMapModel(memory, limits: MapLimits(items: 4, bytes: 1_000))
            }
            try await checkHistories(250, firstSeed: 2_000_000) {
                try SortedMapModel(memory, limits: MapLimits(items: 100, bytes: 150))
            }
        }
    }
}
