import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Saving everything on shutdown", .timeLimit(.minutes(2)))
struct DrainTests {
    @Test("one that cannot be saved is reported with the reason, and keeps no other from being saved and released")
    func reports() async throws {
        let isDown = Flag()
        let memory = InMemoryStore(deployment: "test")
        let sick = RecordID(collection: try CollectionName("players"), key: Key(3))
        let store = FailingStore(memory) { call in
            guard isDown.value, case .execute(let requests) = call.kind else { return .none }
            return requests.contains { $0.records.contains(sick) } ? .before(.init(.corrupt, "a bad page")) : .none
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store) {
            $0.autosave = .seconds(3_600)
            $0.drainTimeout = .seconds(3)
        }
        for key in 1...20 { try await server.players.open(Key(key)).edit { $0.coins = key } }
        isDown.value = true
        await #expect {
            try await server.drain()
        } throws: { ($0 as? ProfileError)?.code == .drainIncomplete }
        let missed = server.coordinator.missedDrain
        #expect(missed.map(\.record) == [sick])
        #expect(missed.first?.error?.code == .corrupt && missed.first?.unsavedAge ?? .zero > .zero)
        for key in 1...20 where key != 3 {
            let id = RecordID(collection: sick.collection, key: Key(key))
            let record = try await memory.read(id)
            #expect(record?.version == 1 && record?.owner == nil)
        }
    }

    @Test("a shared write that the store does not answer any more keeps no shutdown waiting beyond its deadline")
    func silentStore() async throws {
        let attempts = Counter()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            guard case .execute(let requests) = call.kind else { return .none }
            let writes = requests.contains { if case .commit = $0 { true } else { false } }
            guard writes else { return .none }
            return attempts.next() == 0 ? .before(StoreError(.outcomeUnknown, "no answer")) : .before()
        }
        let server = try await Fleet(store: memory).server("a", store: store) { $0.drainTimeout = .milliseconds(300) }
        let shared = try server.coordinator.sharedCollection(
            "shared", of: Player.self, options: .init { _ in Player() })
        await #expect(throws: ProfileError.self) {
            try await shared.update(Key(1), timeout: .milliseconds(500)) { $0.coins = 1 }
        }
        try await server.drain()
    }

    @Test("a drain that saves everyone reports nobody")
    func complete() async throws {
        let server = try await Fleet().server("a") { $0.autosave = .seconds(3_600) }
        try await server.players.open(Key(1)).edit { $0.coins = 1 }
        try await server.drain()
        #expect(server.coordinator.missedDrain.isEmpty)
    }
}
