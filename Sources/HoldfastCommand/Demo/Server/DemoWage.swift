import HoldfastProfiles

/// Coins for each of several days, one day a step.
struct DemoWage: SteppedOperation {
    static let name = "demo.wage"

    var coins: Int
    /// Those that are still to be paid.
    var days: Int

    mutating func step(_ player: inout DemoPlayer) throws -> OperationStep {
        player.reward(coins)
        days -= 1
        return days > 0 ? .again(after: .milliseconds(150)) : .done
    }
}
