import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Migrations of stored documents", .timeLimit(.minutes(2)))
struct MigrationTests {
    private struct Broken: Error {}

    private func refusal(_ body: () async throws -> Void) async -> ProfileError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ProfileError
        }
    }

    @Test("a step that throws refuses the load by its number; bytes and lease are as before, and older builds go on")
    func failing() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let old = try a.coordinator.collection("grown", of: Player.self, options: .init { _ in Player() })
        try await old.withSession(for: Key(1)) { try $0.edit { $0.coins = 3 } }
        let id = RecordID(collection: old.name, key: Key(1))
        let before = try await fleet.store.read(id)?.content

        var options = CollectionOptions<Player> { _ in Player() }
        try options.migrate(to: 2) { $0 = ["coins": 1_000] }
        try options.migrate(to: 3) { _ in throw Broken() }
        let newer = try b.coordinator.collection("grown", of: Player.self, options: options)
        let refused = await refusal { _ = try await newer.open(Key(1)) }
        #expect(refused?.code == .corrupt && refused?.isRetriable == false && refused?.underlying is Broken)
        #expect(refused?.message.contains("the step to schema 3 failed") == true)
        #expect(await refusal { _ = try await newer.read(Key(1)) }?.code == .corrupt)
        #expect(await refusal { try await newer.update(Key(1)) { $0.coins = 0 } }?.code == .corrupt)
        #expect(try await fleet.store.read(id)?.content == before)
        #expect(try await fleet.backend.inspect(id) == nil)

        try await old.withSession(for: Key(1)) { try $0.edit { $0.coins += 1 } }
        #expect(try await old.read(Key(1))?.document.coins == 4)
        try await a.drain()
        try await b.drain()
    }

    @Test("data from before the library without a step that adopts it is refused, not taken for schema 1")
    func missing() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let raw = try a.coordinator.documents("legacy", schema: 0)
        try await raw.withSession(for: Key(1)) { try $0.set(12, at: "coins") }
        var options = CollectionOptions<Player> { _ in Player() }
        try options.migrate(to: 2) { _ in }
        let players = try b.coordinator.collection("legacy", of: Player.self, options: options)
        let refused = await refusal { _ = try await players.open(Key(1)) }
        #expect(refused?.code == .corrupt && refused?.message.contains("there is no step to schema 1") == true)
        #expect(try await raw.read(Key(1))?.document == ["coins": 12])
        try await a.drain()
        try await b.drain()
    }

    @Test("steps see the document as it was stored; the template fills it after them, also for a read without a lock")
    func order() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let raw = try a.coordinator.documents("grown")
        try await raw.withSession(for: Key(1)) { try $0.set(7, at: "gold") }
        let seen = Log<JSONValue>()
        var options = CollectionOptions<Player> { _ in Player(rewards: 5) }
        try options.migrate(to: 2) { json in
            seen.add(json)
            json = ["coins": json["gold"] ?? 0]
        }
        try options.migrate(to: 3) { seen.add($0) }
        let players = try b.coordinator.collection("grown", of: Player.self, options: options)
        let snapshot = try await players.read(Key(1))
        #expect(snapshot?.document == Player(coins: 7, rewards: 5) && snapshot?.schema == 1)
        #expect(seen.all == [["gold": 7], ["coins": 7]])
        // Looking changes nothing.
        #expect(try await raw.read(Key(1))?.document == ["gold": 7])
        try await a.drain()
        try await b.drain()
    }

    @Test("the template fills members of objects and dictionaries at any depth, and leaves arrays alone")
    func template() async throws {
        struct Bag: Codable, Sendable, Equatable {
            struct Stats: Codable, Sendable, Equatable {
                var hp = 100
                var speed = 1
            }
            var items = ["map": 1]
            var slots = ["sword"]
            var stats = Stats()
        }
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let raw = try a.coordinator.documents("bags")
        try await raw.withSession(for: Key(1)) { session in
            try session.set(["coins": 2], at: "items")
            try session.set([], at: "slots")
            try session.set(["hp": 7], at: "stats")
        }
        let bags = try b.coordinator.collection("bags", of: Bag.self, options: .init { _ in Bag() })
        try await bags.withSession(for: Key(1)) { session in
            #expect(session.document == Bag(items: ["coins": 2, "map": 1], slots: [], stats: .init(hp: 7, speed: 1)))
            try session.edit { $0.items["map"] = nil }
        }
        // The store has what the game left; the template adds to it again.
        #expect(try await raw.read(Key(1))?.document["items"] == ["coins": 2])
        #expect(try await bags.read(Key(1))?.document.items == ["coins": 2, "map": 1])
        try await a.drain()
        try await b.drain()
    }
}
