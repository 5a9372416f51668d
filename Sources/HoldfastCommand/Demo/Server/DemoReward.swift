import HoldfastProfiles

/// A reward that is delivered to a player, online or away.
struct DemoReward: ProfileOperation {
    static let name = "demo.reward"

    var coins: Int

    func apply(to player: inout DemoPlayer) throws {
        player.reward(coins)
    }
}
