public import HoldfastStorage

/// One movement of money in a ``GeneralLedger``: lines of several accounts that add up to nothing.
///
///     try Posting.transfer(500, from: "player:77", to: "player:42", reason: "sword")
///     try Posting(["mint": -300, "player:42": 250, "guild:9": 50], reason: "quest")
public struct Posting: Sendable, Equatable {
    /// What an account gets, or gives where it is negative.
    public struct Line: Sendable, Equatable, Codable {
        /// Any name of 1 to ``Posting/maximumAccountBytes`` bytes: `player:42`, `mint`, `shop`.
        public let account: String
        /// In the smallest unit; never 0.
        public let amount: Int64
    }

    /// The most lines of one posting.
    public static let maximumLines = 16
    /// The most bytes of an account's name.
    public static let maximumAccountBytes = 100
    /// The most bytes of a reason.
    public static let maximumReasonBytes = 200

    /// Unique for ever; the same posting is never booked twice.
    public let id: RandomID
    /// In order of the accounts' names; no account twice.
    public let lines: [Line]
    /// For those who read the ledger; may be empty.
    public let reason: String

    /// Joins amounts by account.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` unless they add up to 0, without leaving Int64 on the way; for
    ///   fewer than two or more than ``maximumLines`` accounts, an amount of 0, or names or a reason that are too long.
    public init(_ amounts: [String: Int64], reason: String = "", id: RandomID = .random()) throws(ProfileError) {
        lines = amounts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { Line(account: $0.key, amount: $0.value) }
        self.reason = reason
        self.id = id
        if let problem { throw ProfileError(.badInput, "a posting \(problem)") }
    }

    /// Moves an amount from one account to another.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for an amount that is not positive, and as
    ///   ``init(_:reason:id:)``.
    public static func transfer(
        _ amount: Int64, from giver: String, to taker: String, reason: String = "", id: RandomID = .random()
    ) throws(ProfileError) -> Posting {
        guard amount > 0 else { throw ProfileError(.badInput, "a transfer moves a positive amount, not \(amount)") }
        guard giver != taker else { throw ProfileError(.badInput, "a transfer has two accounts") }
        return try Posting([giver: -amount, taker: amount], reason: reason, id: id)
    }

    /// Reads what a ledger's log holds, as it is.
    init(stored: Stored, id: RandomID) {
        lines = stored.lines
        reason = stored.reason
        self.id = id
    }

    /// What is wrong with it, or nil.
    var problem: String? {
        guard (2...Self.maximumLines).contains(lines.count) else {
            return "has 2 to \(Self.maximumLines) accounts, not \(lines.count)"
        }
        guard Set(lines.map(\.account)).count == lines.count else { return "names each account once" }
        guard reason.utf8.count <= Self.maximumReasonBytes else { return "has a reason that is too long" }
        var sum: Int64 = 0
        for line in lines {
            guard (1...Self.maximumAccountBytes).contains(line.account.utf8.count) else {
                return "has an account whose name is empty or too long"
            }
            guard line.amount != 0 else { return "has an amount of 0" }
            let (next, overflow) = sum.addingReportingOverflow(line.amount)
            guard !overflow else { return "leaves Int64" }
            sum = next
        }
        return sum == 0 ? nil : "adds up to \(sum), not to 0"
    }

    /// The value of its log entries.
    struct Stored: Codable, Sendable, Equatable {
        let lines: [Line]
        let reason: String
    }

    var stored: Stored { Stored(lines: lines, reason: reason) }
}
