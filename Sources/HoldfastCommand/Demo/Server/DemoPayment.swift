import HoldfastProfiles

/// What a player gives in a trade between servers.
struct DemoPayment: ProfileOperation {
    private struct TooPoor: Error {}

    static let name = "demo.pay"

    var coins: Int

    func apply(to player: inout DemoPlayer) throws {
        guard player.coins >= coins else { throw TooPoor() }
        player.pay(coins)
    }
}
