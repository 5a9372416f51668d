import Holdfast
import HoldfastGameplay

/// Everything that the game keeps of one player.
struct Player: Codable, Sendable, Equatable {
    var profile = Profile()
    var wallet = Wallet()
    var statistics = Statistics()
    var inventory = Inventory()
    var dailyRewards = DailyRewards()
    var cooldowns = Cooldowns()
    var effects = TimedEffects()
    var purchases = PurchaseReceipts()
    var dungeonData = DungeonData()
    var settings = Settings()
    var character: Character
    /// The latest movements of money, the oldest first.
    var ledger: [LedgerEntry] = []
    /// Milliseconds since 1970.
    var createdAt: Int64, lastSave: Int64, lastLogin: Int64

    /// A player who was never here before.
    init(key: Key, at now: Int64) {
        character = Character(id: "\(key)")
        (createdAt, lastSave, lastLogin) = (now, now, now)
    }
}

struct Profile: Codable, Sendable, Equatable {
    var level = 1
    var highestLevel = 1
    var experience = 0

    mutating func rise(by levels: Int) {
        level += levels
        highestLevel = max(highestLevel, level)
    }
}

extension Currency {
    static let coins = Currency("coins", cap: 1_000_000_000)
    static let gems = Currency("gems", cap: 1_000_000)
    static let manaCrystals = Currency("manaCrystals", cap: 1_000_000)
}
