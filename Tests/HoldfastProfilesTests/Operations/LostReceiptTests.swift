import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Receipts whose commit was not answered", .timeLimit(.minutes(10)))
struct LostReceiptTests {
    /// The document has something of the operation, and is as it was all the same.
    @Test("a cancellation is not taken for the session's own receipt")
    func cancelled() async throws {
        let isLost = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.meetingCommits(of: memory) { commit in
            guard commit.settles("empty"), !isLost.value else { return .none }
            isLost.value = true
            await memory.cancel("empty")
            return .before(StoreError(.outcomeUnknown, "no answer, and not written"))
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let shop = try server.shop()
        try await shop.update(Key(1)) { $0.inventory = ["key"] }
        try await shop.deliver(OpenChest(coins: 0), to: Key(1), id: "empty")
        try await shop.withSession(for: Key(1)) { _ in }
        #expect(isLost.value)
        #expect(try await shop.state("empty") == .cancelled)
        #expect(fleet.journal.entry.saved.allSatisfy { $0.applied.isEmpty })
        try await server.drain()
    }

    @Test("a receipt that is on disk is found again, and told once")
    func committed() async throws {
        let isLost = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.meetingCommits(of: memory) { commit in
            guard commit.settles("empty"), !isLost.value else { return .none }
            isLost.value = true
            return .after()
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let shop = try server.shop()
        try await shop.update(Key(1)) { $0.inventory = ["key"] }
        try await shop.deliver(OpenChest(coins: 0), to: Key(1), id: "empty")
        try await shop.withSession(for: Key(1)) { _ in }
        #expect(isLost.value)
        #expect(try await shop.state("empty") == .applied)
        #expect(fleet.journal.entry.saved.flatMap(\.applied).map(\.description) == ["empty"])
        try await server.drain()
    }
}
