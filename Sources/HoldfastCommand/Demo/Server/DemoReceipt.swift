import HoldfastProfiles

/// What a player gets in a trade between servers, or gets back.
struct DemoReceipt: ProfileOperation {
    static let name = "demo.receive"

    var coins: Int

    func apply(to player: inout DemoPlayer) throws { try player.pay(-coins) }
}
