/// A day's reward that was claimed just now.
public struct DailyClaim: Hashable, Sendable {
    /// The day that it was claimed for.
    public let day: GameDay
    /// The streak with this day: 1 for the first.
    public let streak: Int
    /// How many days were ever claimed, this one included.
    public let total: Int

    /// Names the claim within its profile, the same however often it is tried: `daily:2026-11-21`.
    ///
    /// Deliver what the day brings elsewhere (to a guild, by mail) as an operation with this id.
    public var id: String { "daily:\(day)" }

    /// The place in a calendar of rewards that begins anew after its last one, from 0.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` for a calendar without rewards.
    public func position(inCalendarOf count: Int) throws(GameplayError) -> Int {
        guard count > 0 else { throw GameplayError(.badInput, "a calendar has at least one reward") }
        return (streak - 1) % count
    }
}
