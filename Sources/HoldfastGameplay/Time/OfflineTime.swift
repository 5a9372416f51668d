/// The time that a player was away, as ``OfflineRules`` counts it.
public struct OfflineTime: Hashable, Sendable {
    /// When the player was last here, in milliseconds since 1970.
    public let lastSeenMillis: Int64
    /// How long that was ago.
    public let awayMillis: Int64
    /// How much of it counts.
    public let countedMillis: Int64

    /// Names the reward for this absence within its profile: `offline:1763683200000`.
    public var id: String { "offline:\(lastSeenMillis)" }

    /// What a steady gain comes to, rounded down.
    ///
    /// - Throws: ``GameplayError``: `negativeAmount`; `overflow` for more than Int64 holds.
    public func reward(perHour amount: Int64) throws(GameplayError) -> Int64 {
        try Checks.amount(amount)
        let product = amount.multipliedFullWidth(by: countedMillis)
        guard product.high < GameDay.millisPerHour / 2 else {
            throw GameplayError(.overflow, "the reward leaves Int64")
        }
        return GameDay.millisPerHour.dividingFullWidth(product).quotient
    }
}
