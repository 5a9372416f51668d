/// How much of the time that a player was away counts for a reward.
public struct OfflineRules: Hashable, Sendable {
    /// Less than this counts as nothing: a minute unless told otherwise.
    public let minimumMillis: Int64
    /// More than this counts as this: eight hours unless told otherwise.
    public let maximumMillis: Int64

    /// At least a minute, at most eight hours.
    public init() {
        minimumMillis = 60_000
        maximumMillis = 28_800_000
    }

    /// Sets both.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` outside 0 to ten years, or for a minimum above the maximum.
    public init(minimum: Duration, maximum: Duration) throws(GameplayError) {
        minimumMillis = try Checks.millis(of: minimum, "the shortest time away", atLeast: 0)
        maximumMillis = try Checks.millis(of: maximum, "the longest time away", atLeast: 0)
        guard minimumMillis <= maximumMillis else {
            throw GameplayError(.badInput, "the shortest time away is at most the longest")
        }
    }

    /// The time away that counts.
    ///
    /// Set the player's last time to now in the edit that gives the reward, so that no time counts twice.
    ///
    /// - Parameters:
    ///   - lastSeenMillis: When the player was last here, in milliseconds since 1970; nil for never.
    ///   - nowMillis: The server's clock, in milliseconds since 1970.
    /// - Returns: Nil when nothing counts: a new player, too short a time, or a clock that is behind.
    /// - Throws: ``GameplayError`` with code `badInput` for times outside the years 1970 to 9999.
    public func timeAway(since lastSeenMillis: Int64?, at nowMillis: Int64) throws(GameplayError) -> OfflineTime? {
        try Checks.time(nowMillis)
        guard let lastSeenMillis else { return nil }
        try Checks.time(lastSeenMillis)
        let away = nowMillis - lastSeenMillis
        guard away > 0, away >= minimumMillis else { return nil }
        return OfflineTime(
            lastSeenMillis: lastSeenMillis, awayMillis: away, countedMillis: min(away, maximumMillis))
    }
}
