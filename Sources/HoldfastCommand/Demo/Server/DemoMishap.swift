import HoldfastProfiles

/// An operation that fails when it has already changed the player.
struct DemoMishap: ProfileOperation {
    private struct Stumble: Error {}

    static let name = "demo.mishap"
    /// Dead within moments, so that a short run sees it.
    static let policy = OperationPolicy(maximumAttempts: 2, firstPause: .milliseconds(100))

    var coins: Int

    func apply(to player: inout DemoPlayer) throws {
        player.reward(coins)
        throw Stumble()
    }
}
