/// One line of a money ledger: what one account gained or paid, why, and what it had afterwards.
///
/// A transfer writes one line for each side, with the same id and opposite amounts. Keep the lines beside the money
/// they tell of, in the commit that moves it; ``Ledger/faults(in:)`` then proves that they add up.
public struct LedgerEntry: Hashable, Sendable, Codable {
    /// What moved the money: a purchase, a trade, an operation; the same on every line that it wrote.
    public let id: String
    /// Whose money it is: the profile's key, or a name of the game's own such as `shop`.
    public let account: String
    /// The currency's name.
    public let currency: String
    /// What the account gained; negative for what it paid.
    public let amount: Int64
    /// What the account had afterwards.
    public let balance: Int64
    /// A word for players and operators: `daily`, `shop:sword`, `trade`.
    public let reason: String
    /// Milliseconds since 1970, UTC.
    public let atMillis: Int64

    /// Writes a line about a change.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` for an id, account or reason outside 1 to 200 bytes, or a time
    ///   outside the years 1970 to 9999.
    public init(
        _ change: WalletChange, id: String, account: String, reason: String, at nowMillis: Int64
    ) throws(GameplayError) {
        for (text, what) in [(id, "id"), (account, "account"), (reason, "reason")]
        where !(1...200).contains(text.utf8.count) {
            throw GameplayError(.badInput, "a ledger entry's \(what) has 1 to 200 bytes, not \(text.utf8.count)")
        }
        try Checks.time(nowMillis)
        self.id = id
        self.account = account
        self.currency = change.currency
        self.amount = change.amount
        self.balance = change.after
        self.reason = reason
        self.atMillis = nowMillis
    }
}
