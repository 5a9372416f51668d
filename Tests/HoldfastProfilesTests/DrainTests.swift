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
            $0.drainTimeout = .seconds(5)
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

    @Test("a drain that saves everyone reports nobody")
    func complete() async throws {
        let server = try await Fleet().server("a") { $0.autosave = .seconds(3_600) }
        try await server.players.open(Key(1)).edit { $0.coins = 1 }
        try await server.drain()
        #expect(server.coordinator.missedDrain.isEmpty)
    }
}
