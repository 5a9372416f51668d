import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("The shape of documents", .timeLimit(.minutes(2)))
struct ShapeTests {
    private struct Newer: Codable, Sendable {
        var coins = 0
        var inventory: [String] = []
        var rewards = 0
        var guild = "none"
    }

    private func code(_ body: () async throws -> Void) async -> ProfileError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ProfileError
        }
    }

    @Test("an older build opens newer data that says so, keeps what it does not know, and leaves the schema as it is")
    func compatible() async throws {
        let fleet = try await Fleet()
        let (old, new) = (try await fleet.server("old"), try await fleet.server("new"))
        var options = CollectionOptions<Newer> { _ in Newer() }
        try options.migrate(to: 2, compatibleWith: 1) { json in
            guard case .object(var object) = json else { return }
            object["guild"] = "Owls"
            json = .object(object)
        }
        let newer = try new.coordinator.collection("hall", of: Newer.self, options: options)
        let older = try old.coordinator.collection("hall", of: Player.self, options: .init { _ in Player() })
        try await older.withSession(for: Key(1)) { try $0.edit { $0.coins = 1 } }
        try await newer.withSession(for: Key(1)) { session in
            #expect(session.document.guild == "Owls")
            try session.edit { $0.guild = "Ravens" }
        }
        try await older.withSession(for: Key(1)) { try $0.edit { $0.coins += 1 } }
        let snapshot = try await newer.read(Key(1))
        #expect(snapshot?.schema == 2)
        #expect(snapshot?.document.guild == "Ravens" && snapshot?.document.coins == 2)
        #expect(try await older.read(Key(1))?.document.coins == 2)
        #expect(try await older.version(.current, of: Key(1)).coins == 2)
        // The copy in Redis, too, says which schema it has.
        for age in [Duration.seconds(7_200), .zero] {
            #expect(try await older.read(Key(1), maximumAge: age)?.document.coins == 2)
            #expect(try await newer.read(Key(1), maximumAge: age)?.document.guild == "Ravens")
        }

        // A step further that breaks older builds.
        try options.migrate(to: 3) { _ in }
        let third = try await fleet.server("third")
        let newest = try third.coordinator.collection("hall", of: Newer.self, options: options)
        try await newest.withSession(for: Key(1)) { try $0.edit { $0.coins += 1 } }
        #expect(await code { _ = try await older.open(Key(1)) }?.code == .newerSchema)
        #expect(await code { _ = try await newer.read(Key(1)) }?.code == .newerSchema)
        for server in [old, new, third] { try await server.drain() }
    }

    @Test("a migration cannot claim to suit builds from before a step that breaks them")
    func incompatible() throws {
        var options = CollectionOptions<Newer> { _ in Newer() }
        try options.migrate(to: 2, compatibleWith: 1) { _ in }
        try options.migrate(to: 3) { _ in }
        #expect(throws: ProfileError.self) { try options.migrate(to: 4, compatibleWith: 2) { _ in } }
        #expect(throws: ProfileError.self) { try options.migrate(to: 4, compatibleWith: 5) { _ in } }
        try options.migrate(to: 4, compatibleWith: 3) { _ in }
        #expect(options.schema == 4)
    }

    @Test("a rule refuses changes with the failing path, and stored data that breaks it, which stays as it is")
    func rules() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        var options = CollectionOptions<Player> { _ in Player() }
        options.validate { player in
            guard player.coins >= 0 else { throw InvalidField("coins", "a purse is not negative") }
        }
        options.beforeSave { $0.rewards = 3 }
        options.beforeSave { $0.coins = -1 }
        let players = try server.coordinator.collection("strict", of: Player.self, options: options)
        let (one, two) = (try await players.open(Key(1)), try await players.open(Key(2)))
        try one.edit { $0.coins = 5 }
        let refusal = await code { try one.add(-6, to: "coins") }
        #expect(refusal?.code == .badInput && refusal?.message.contains("coins: a purse is not negative") == true)
        #expect((refusal?.underlying as? InvalidField)?.path == "coins")
        #expect(
            await code {
                try await server.coordinator.transaction(one, two) {
                    $0.coins += $1.coins
                    $1.coins = -1
                }
            }?
            .code == .badInput)
        #expect(one.document.coins == 5)
        try await one.close()
        try await two.close()
        #expect(try await players.read(Key(1))?.document == Player(coins: 5, rewards: 3))

        let other = try await fleet.server("b")
        let loose = try other.coordinator.documents("strict")
        try await loose.withSession(for: Key(1)) { try $0.set(-5, at: "coins") }
        let before = try await fleet.store.read(one.id)?.content
        let corrupt = await code { _ = try await players.open(Key(1)) }
        #expect(corrupt?.code == .corrupt && corrupt?.message.contains("coins: ") == true)
        #expect(try await fleet.store.read(one.id)?.content == before)
        try await server.drain()
        try await other.drain()
    }

    @Test("metadata and user ids of a new profile come from its key, and stored metadata is filled up")
    func beside() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let plain = try server.coordinator.documents("tagged")
        try await plain.withSession(for: Key(2)) { session in
            try session.set(1, at: "coins")
            try session.setMetadata(["region": "eu"])
        }
        let other = try await fleet.server("b")
        var options = CollectionOptions<Player> { _ in Player() }
        options.userIDs = { [$0.description] }
        options.metadata = { key in ["region": "us", "owner": .string(key.description)] }
        let tagged = try other.coordinator.collection("tagged", of: Player.self, options: options)
        try await tagged.withSession(for: Key(1)) { session in
            #expect(session.metadata == ["region": "us", "owner": "1"] && session.userIDs == ["1"])
            try session.edit { $0.coins = 1 }
        }
        try await tagged.withSession(for: Key(2)) { session in
            #expect(session.metadata == ["region": "eu", "owner": "2"] && session.userIDs.isEmpty)
        }
        // Nothing was changed, so nothing was written.
        #expect(try await tagged.read(Key(2))?.version == 1)
        try await tagged.withSession(for: Key(2)) { try $0.edit { $0.coins = 5 } }
        let stored = try await tagged.read(Key(2))?.metadata
        #expect(try stored.map { try CanonicalJSON.parse($0) } == ["region": "eu", "owner": "2"])
        #expect(try await tagged.read(Key(1))?.userIDs == ["1"])
        try await server.drain()
        try await other.drain()
    }

    @Test("data from before comes in with schema 0 and is adopted at its first load")
    func adopt() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let raw = try a.coordinator.documents("legacy", schema: 0)
        try await raw.withSession(for: Key(1)) { try $0.set(["gold", 12], at: "stats") }
        var options = CollectionOptions<Player> { _ in Player() }
        try options.adopt { json in
            let gold = json["stats"]?[1] ?? 0
            json = ["coins": gold]
        }
        #expect(throws: ProfileError.self) { try options.adopt { _ in } }
        let players = try b.coordinator.collection("legacy", of: Player.self, options: options)
        #expect(try await players.read(Key(1))?.schema == 0)
        try await players.withSession(for: Key(1)) { session in
            #expect(session.document == Player(coins: 12))
            try session.edit { $0.coins += 1 }
        }
        let snapshot = try await players.read(Key(1))
        #expect(snapshot?.schema == 1 && snapshot?.document.coins == 13)
        try await a.drain()
        try await b.drain()
    }

    @Test("more people than a record can name are refused at once, and keep nothing from being saved")
    func people() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        var options = CollectionOptions<Player> { _ in Player() }
        options.userIDs = { (key: Key) -> [String] in
            key == Key(9) ? [String(repeating: "x", count: 1_001)] : []
        }
        let crowds = try a.coordinator.collection("crowds", of: Player.self, options: options)
        let session = try await crowds.open(Key(1))
        let many: [String] = (0...1_000).map { String($0) }
        let long: [String] = [String(repeating: "x", count: 1_001)]
        for bad in [many, long] {
            let error = #expect(throws: ProfileError.self) { try session.setUserIDs(bad) }
            #expect(error?.code == .badInput)
        }
        try session.setUserIDs(Array(many.dropLast()))
        try await session.close()
        #expect(try await crowds.read(Key(1))?.userIDs.count == 1_000)
        let error = await #expect(throws: ProfileError.self) { try await crowds.open(Key(9)) }
        #expect(error?.code == .badInput)
        try await a.drain()
    }
}
