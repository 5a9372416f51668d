/// When a player claimed the day's reward, and for how many days in a row.
///
/// Days are those of UTC from the hour of ``DailyRules/resetHour``. A day is claimed once: a second claim, also one by
/// a server whose clock is behind, gets nil. Claim and reward belong into one edit:
///
/// ```swift
/// try session.edit { player in
///     guard let claim = try player.dailyRewards.claim(at: now) else { return }
///     try player.wallet.deposit(100 * Int64(min(claim.streak, 7)), of: .coins)
/// }
/// ```
public struct DailyRewards: Hashable, Sendable, Codable {
    /// The streak up to ``lastClaimDate``; it may have ended since, see ``streak(at:_:)``.
    public private(set) var currentStreak = 0
    /// The longest streak ever.
    public private(set) var bestStreak = 0
    /// How many days were ever claimed.
    public private(set) var totalDaysClaimed = 0
    /// The last day that was claimed; nil before the first.
    public private(set) var lastClaimDate: GameDay?

    private enum CodingKeys: String, CodingKey {
        case currentStreak, bestStreak, totalDaysClaimed, lastClaimDate
    }

    /// Nothing was claimed yet.
    public init() {}

    /// Claims the day that an instant belongs to.
    ///
    /// - Parameter nowMillis: The server's clock, in milliseconds since 1970.
    /// - Returns: What was claimed; nil when that day, or a later one, was claimed before.
    /// - Throws: ``GameplayError`` with code `badInput` for a time outside the years 1970 to 9999.
    public mutating func claim(
        at nowMillis: Int64, _ rules: DailyRules = DailyRules()
    ) throws(GameplayError) -> DailyClaim? {
        guard try canClaim(at: nowMillis, rules) else { return nil }
        currentStreak = try streak(at: nowMillis, rules) + 1
        bestStreak = max(bestStreak, currentStreak)
        totalDaysClaimed += 1
        let day = GameDay(containing: nowMillis, resetHour: rules.resetHour)
        lastClaimDate = day
        return DailyClaim(day: day, streak: currentStreak, total: totalDaysClaimed)
    }

    /// Whether a claim would get anything.
    ///
    /// - Throws: ``GameplayError`` as ``claim(at:_:)``.
    public func canClaim(at nowMillis: Int64, _ rules: DailyRules = DailyRules()) throws(GameplayError) -> Bool {
        try Checks.time(nowMillis)
        guard let lastClaimDate else { return true }
        return GameDay(containing: nowMillis, resetHour: rules.resetHour) > lastClaimDate
    }

    /// The streak that stands at an instant: 0 once too many days were missed.
    ///
    /// - Throws: ``GameplayError`` as ``claim(at:_:)``.
    public func streak(at nowMillis: Int64, _ rules: DailyRules = DailyRules()) throws(GameplayError) -> Int {
        try Checks.time(nowMillis)
        guard let lastClaimDate else { return 0 }
        let passed = GameDay(containing: nowMillis, resetHour: rules.resetHour).number - lastClaimDate.number
        return passed <= Int64(rules.graceDays) + 1 ? currentStreak : 0
    }

    /// When the next claim is possible, in milliseconds since 1970: the instant itself when it is possible then.
    ///
    /// - Throws: ``GameplayError`` as ``claim(at:_:)``.
    public func nextClaim(at nowMillis: Int64, _ rules: DailyRules = DailyRules()) throws(GameplayError) -> Int64 {
        guard let lastClaimDate, try !canClaim(at: nowMillis, rules) else { return nowMillis }
        return lastClaimDate.begins(resetHour: rules.resetHour) + GameDay.millisPerDay
    }

    /// Reads the fields; all may be missing.
    ///
    /// - Throws: `DecodingError` for numbers below zero or no date.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Int? {
            let number = try container.decodeIfPresent(Int.self, forKey: key)
            // So far from the end of Int that nobody ever counts beyond it.
            guard (0...1_000_000_000).contains(number ?? 0) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "0 to 1,000,000,000 expected")
            }
            return number
        }
        currentStreak = try number(.currentStreak) ?? 0
        bestStreak = max(try number(.bestStreak) ?? 0, currentStreak)
        totalDaysClaimed = try number(.totalDaysClaimed) ?? 0
        lastClaimDate = try container.decodeIfPresent(GameDay.self, forKey: .lastClaimDate)
    }
}
