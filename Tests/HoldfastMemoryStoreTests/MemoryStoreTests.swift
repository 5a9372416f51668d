import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import Logging
import Testing

@Suite struct MemoryStoreTests {
    @Test("a memory store runs once only")
    func runsOnce() async throws {
        try await withMemoryStore { memory, _ in
            await #expect(throws: MemoryStoreError.self) { try await memory.run() }
        }
    }
}
