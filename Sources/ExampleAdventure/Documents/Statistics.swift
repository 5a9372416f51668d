struct Statistics: Codable, Sendable, Equatable {
    var gamesPlayed = 0
    var enemiesDefeated = 0
    var coinsEarned: Int64 = 0
    var itemsCollected = 0
    /// In seconds.
    var totalPlayTime = 0
    var blocksPlaced = 0
    var blocksBroken = 0
}
