import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Reads that may be a little old", .timeLimit(.minutes(2)))
struct ReadTests {
    @Test("reads that come at once share one read of the store, later ones what it found, and fresh ones read anew")
    func coalesced() async throws {
        let reads = Counter()
        let gate = Hold()
        defer { gate.open() }
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            if case .read = call.kind {
                _ = reads.next()
                await gate.pass()
            }
            return .none
        }
        let fleet = try await Fleet(store: memory)
        let (a, b) = (try await fleet.server("a", store: store), try await fleet.server("b"))
        try await b.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 1 } }
        try await fleet.dropHotCopy(of: Key(1))
        let readers = (0..<10).map { _ in
            Task { try await a.players.read(Key(1), maximumAge: .seconds(600))?.document.coins }
        }
        gate.open()
        for reader in readers { #expect(try await reader.value == 1) }
        #expect(reads.next() == 1)
        try await b.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 2 } }
        #expect(try await a.players.read(Key(1), maximumAge: .seconds(600))?.document.coins == 1)
        #expect(try await a.players.read(Key(1), maximumAge: .zero)?.document.coins == 2)
        #expect(try await a.players.read(Key(1))?.document.coins == 2)
        #expect(try await a.players.read(Key(1), maximumAge: .seconds(600))?.document.coins == 2)
        #expect(try await a.players.read(Key(2), maximumAge: .seconds(600)) == nil)
        #expect(try await a.players.list().map(\.key) == [Key(1)])
        try await a.drain()
        try await b.drain()
    }

    @Test("a read that failed is not kept")
    func failed() async throws {
        let isDown = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            if case .read = call.kind { isDown.value ? .before() : .none } else { .none }
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store)
        try await server.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 1 } }
        try await fleet.dropHotCopy(of: Key(1))
        isDown.value = true
        await #expect(throws: ProfileError.self) {
            _ = try await server.players.read(Key(1), maximumAge: .seconds(600))
        }
        isDown.value = false
        #expect(try await server.players.read(Key(1), maximumAge: .seconds(600))?.document.coins == 1)
        try await server.drain()
    }
}
