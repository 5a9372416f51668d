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
        try options.handle(Purchase.self)
        try options.handle(Gift.self)
        try options.handleTrades()
        try options.project(to: "level") { $0.profile.level }
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
