import Holdfast
import HoldfastGameplay
import Testing

@testable import ExampleAdventure

/// Documents that other systems wrote are documents of this game.
@Suite struct DocumentTests {
    private static let player = """
        {"version":1,"profile":{"level":7,"experience":350,"coins":640,"gems":12,"manaCrystals":3},
        "statistics":{"gamesPlayed":4,"enemiesDefeated":31,"coinsEarned":900,"itemsCollected":55,"totalPlayTime":7200,
        "blocksPlaced":300,"blocksBroken":280},
        "inventory":{"hotbar":[{"itemId":5,"count":64,"maxStack":64,"metadata":{}},{"itemId":0,"count":0}],
        "inventory":[{"itemId":0,"count":0},{"itemId":3,"count":2,"maxStack":16,"metadata":{"dye":"red"}}]},
        "dailyRewards":{"currentStreak":2,"lastClaimDate":null,"totalDaysClaimed":5},
        "dungeonData":{"mobSpawnerSlots":{}},
        "settings":{"musicVolume":0.8,"soundVolume":1.0,"enableNotifications":true},
        "createdAt":1760918400000,"lastSave":1760922000000,"lastLogin":1760921000000}
        """

    /// Reads an older document through the game's own collection.
    private func read(_ json: String, schema: Int) async throws -> (player: Player, stored: JSONValue) {
        let store = InMemoryStore(deployment: "adventure")
        _ = try await store.migrate(DeploymentTimings())
        let backend = InMemoryCoordinationBackend()
        let tool = try Coordinator(
            configuration: CoordinatorConfiguration(serverID: "tool"), backend: backend, store: store)
        let documents = try tool.documents("players", schema: schema)
        let document = try CanonicalJSON.parse(Array(json.utf8))

        let game = try Coordinator(
            configuration: CoordinatorConfiguration(serverID: "adventure-1"),
            backend: InMemoryCoordinationBackend(sharing: backend), store: store)
        let options = try Player.options(clock: GameClock())
        let players = try game.collection("players", of: Player.self, options: options)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tool.run() }
            try await documents.withSession(for: Key(42)) { session in try session.edit { $0 = document } }
            tool.requestDrain()
            try await group.waitForAll()
        }
        let player = try #require(try await players.read(Key(42))).document
        return (player, try DocumentEncoder().encode(player))
    }

    @Test("a document of the first version is migrated, completed and otherwise kept")
    func firstVersion() async throws {
        let (player, stored) = try await read(Self.player, schema: 1)
        #expect(player.profile.level == 7)
        #expect(player.profile.highestLevel == 7)
        #expect(player.wallet[.coins] == 640)
        #expect(player.wallet[.manaCrystals] == 3)
        #expect(stored["profile"]?["coins"] == nil)
        #expect(player.inventory.hotbar.count == 2)
        #expect(player.inventory.count(of: 5) == 64)
        #expect(player.inventory.count(of: 3) { $0.metadata == ["dye": "red"] } == 2)
        #expect(player.dailyRewards.totalDaysClaimed == 5)
        #expect(player.dungeonData.mobSpawnerSlots == [])
        #expect(player.statistics.totalPlayTime == 7_200)
        #expect(player.settings == Settings())
        #expect(player.createdAt == 1_760_918_400_000)
        // What the first version did not have is as it is for a new player.
        #expect(player.character.id == "42")
        #expect(player.purchases.kept.isEmpty)
    }

    @Test("data from before the library is adopted, and goes through every migration")
    func adopted() async throws {
        let (player, _) = try await read(#"{"Coins":640,"Level":7}"#, schema: 0)
        #expect(player.profile.level == 7)
        #expect(player.profile.highestLevel == 7)
        #expect(player.wallet[.coins] == 640)
        #expect(player.inventory == Inventory())
    }

    @Test("a level that cannot be is refused, and the stored document stays")
    func rules() async throws {
        let error = await #expect(throws: ProfileError.self) {
            _ = try await read(#"{"Coins":640,"Level":0}"#, schema: 0)
        }
        #expect(error?.code == .corrupt)
    }

    @Test("a character that another system wrote is read and written under its own names")
    func character() async throws {
        let json = """
            {"id":"1","Name":"Ann","Race":"RealitySeed","Stage":"Fledgeling","Level":3,
            "Stats":{"Hp":120,"Strength":11,"Defense":10},"Moves":["BasicAttack","Dash"],"Appearance":{"hair":"red"},
            "History":["RealitySeed"]}
            """
        let value = try CanonicalJSON.parse(Array(json.utf8))
        var character = try DocumentDecoder().decode(Character.self, from: value).value
        #expect(character.stats.hp == 120)
        #expect(try DocumentEncoder().encode(character) == value)
        character.evolve(to: "Wanderer")
        #expect(character.history == ["RealitySeed", "Wanderer"])
    }

    @Test("a new player has the documented beginnings")
    func newPlayer() throws {
        let options = try Player.options(clock: GameClock())
        let player = options.template(Key(7))
        #expect(player.wallet[.coins] == 100)
        #expect(player.wallet[.gems] == 10)
        #expect(player.inventory.slots.count == 36)
        #expect(player.character.moves == ["BasicAttack"])
        #expect(player.character.id == "7")
    }

    @Test("a purchase that does not fit gives nothing and may be tried again")
    func fullInventory() throws {
        var player = try Player.options(clock: GameClock()).template(Key(7))
        _ = try player.inventory.add("stone", count: 36 * 64)
        var tried = player
        #expect(throws: GameplayError.self) {
            try Purchase(id: "1", product: "starter-pack", purchasedAt: 1).apply(to: &tried)
        }
        #expect(throws: OperationRefusal.self) {
            try Purchase(id: "1", product: "unknown", purchasedAt: 1).apply(to: &player)
        }
        try player.inventory.remove("stone", count: 64)
        try Purchase(id: "1", product: "starter-pack", purchasedAt: 1).apply(to: &player)
        try Purchase(id: "1", product: "starter-pack", purchasedAt: 1).apply(to: &player)
        #expect(player.wallet[.gems] == 510)
        #expect(player.inventory.count(of: .sword) == 1)
    }
}
