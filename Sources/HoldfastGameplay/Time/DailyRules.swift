/// When days begin, and how many a streak forgives.
public struct DailyRules: Hashable, Sendable {
    /// The hour of UTC at which a day begins: 0 to 23.
    public let resetHour: Int
    /// How many days in a row may be missed without ending a streak: 0 to 30.
    ///
    /// Missed days are forgiven, not counted.
    public let graceDays: Int

    /// Days from midnight UTC; a missed day ends a streak.
    public init() {
        resetHour = 0
        graceDays = 0
    }

    /// Sets both.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` outside the limits.
    public init(resetHour: Int, graceDays: Int = 0) throws(GameplayError) {
        guard (0...23).contains(resetHour), (0...30).contains(graceDays) else {
            throw GameplayError(
                .badInput, "a day begins at hour 0 to 23, not \(resetHour), and forgives 0 to 30, not \(graceDays)")
        }
        self.resetHour = resetHour
        self.graceDays = graceDays
    }
}
