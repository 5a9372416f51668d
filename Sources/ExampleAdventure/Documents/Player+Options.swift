import Holdfast
import HoldfastGameplay

extension Player {
    /// How players are made, read, shown and changed from outside.
    static func options(clock: GameClock) throws -> CollectionOptions<Player> {
        var options = CollectionOptions<Player> { key in
            var player = Player(key: key, at: clock.now())
            _ = try? player.wallet.deposit(100, of: .coins)
            _ = try? player.wallet.deposit(10, of: .gems)
            return player
        }
        // Documents from before kept money among the profile's numbers, and no character beside it.
        try options.migrate(to: 2) { document in
            var wallet = JSONObject()
            for currency in ["coins", "gems", "manaCrystals"] {
                wallet[currency] = document["profile"]?[currency]
                document["profile"]?[currency] = nil
            }
            document["wallet"] = .object(wallet)
            if document["dungeonData"]?["mobSpawnerSlots"]?.object?.isEmpty == true {
                document["dungeonData"]?["mobSpawnerSlots"] = []
            }
        }
        // Builds of schema 2 can live with this field, which they keep without knowing it.
        try options.migrate(to: 3, compatibleWith: 2) { document in
            let level = document["profile"]?["level"]
            document["profile"]?["highestLevel"] = level
        }
        // What was there before the library, imported as schema 0, was a flat list of numbers.
        try options.adopt { document in
            document = ["profile": ["level": document["Level"] ?? 1, "coins": document["Coins"] ?? 0]]
        }
        options.validate { player in
            guard player.profile.level >= 1 else { throw InvalidField("profile.level", "levels begin with 1") }
        }
        options.userIDs = { key in ["account-\(key)"] }
        options.metadata = { _ in ["region": "harbour"] }
        options.fallback = .unsaved
        try options.handle(Purchase.self)
        try options.handle(Gift.self, policy: OperationPolicy(maximumAttempts: 3, firstPause: .milliseconds(50)))
        try options.handle(Training.self)
        try options.handle(Invitation.self)
        try options.handleTrades()
        return options
    }
}

extension CollectionOptions<Player> {
    /// What the market takes from players and gives to them.
    mutating func handleTrades() throws {
        try handle(TakeItems.self)
        try handle(GiveItems.self)
        try handle(TakeCoins.self)
        try handle(GiveCoins.self)
    }
}
