import Holdfast
import HoldfastGameplay

extension Currency {
    static let coins = Currency("coins", cap: 1_000_000_000)
}

/// The programs of "Gameplay values", to be compiled.
enum GameplayArticle {
    struct Player: Codable, Sendable {
        var wallet = Wallet()
        var inventory = Inventory()  // 9 + 27 slots
        var dailyRewards = DailyRewards()
        var cooldowns = Cooldowns()
        var effects = TimedEffects()
        var purchases = PurchaseReceipts()
    }

    enum ShopError: Error {
        case noRoom
    }

    static func edit(_ session: Session<Player>) throws {
        try session.edit { player in
            try player.wallet.withdraw(500, of: .coins)  // insufficient: nothing below happens
            guard try player.inventory.add("sword", count: 1, limit: 1) == 0 else { throw ShopError.noRoom }
        }
    }
}
