import HoldfastProfiles

/// What a player gives in a trade between servers.
struct DemoPayment: ProfileOperation {
    static let name = "demo.pay"

    var coins: Int

    func apply(to player: inout DemoPlayer) throws { try player.pay(coins) }
}
