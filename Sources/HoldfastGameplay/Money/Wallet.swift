/// Balances by currency; a currency that was never used has 0.
///
/// In JSON an object of integers: `{"coins":100,"gems":10}`. Bounds are the currency's and not stored: a balance that
/// lies outside after they were changed stays, and can only move towards them.
public struct Wallet: Hashable, Sendable {
    /// The balances that were ever set, by the currency's name.
    public private(set) var balances: [String: Int64]

    /// Makes an empty wallet.
    public init() {
        balances = [:]
    }

    /// The balance of a currency.
    public subscript(currency: Currency) -> Int64 { balances[currency.name] ?? 0 }

    /// Adds money, all or none.
    ///
    /// - Throws: ``GameplayError``: `negativeAmount`, `overCap`, `overflow`; `badInput` for a bad currency.
    @discardableResult
    public mutating func deposit(_ amount: Int64, of currency: Currency) throws(GameplayError) -> WalletChange {
        try currency.check()
        try Checks.amount(amount)
        let before = self[currency]
        let (after, overflow) = before.addingReportingOverflow(amount)
        guard !overflow else { throw GameplayError(.overflow, "\(currency.name): the sum leaves Int64") }
        guard after <= currency.cap || amount == 0 else {
            throw GameplayError(.overCap, "\(currency.name): \(after) is above the cap of \(currency.cap)")
        }
        return set(after, currency, before)
    }

    /// Adds as much as the cap allows.
    ///
    /// - Returns: The change; its amount may be less than what was asked for, down to 0.
    /// - Throws: ``GameplayError``: `negativeAmount`; `badInput` for a bad currency.
    @discardableResult
    public mutating func depositUpToCap(_ amount: Int64, of currency: Currency) throws(GameplayError) -> WalletChange {
        try currency.check()
        try Checks.amount(amount)
        let before = self[currency]
        let (sum, overflow) = before.addingReportingOverflow(amount)
        return set(max(before, min(overflow ? .max : sum, currency.cap)), currency, before)
    }

    /// Takes money, all or none.
    ///
    /// - Throws: ``GameplayError``: `negativeAmount`; `insufficient` where less would be left than the floor;
    ///   `overflow`; `badInput` for a bad currency.
    @discardableResult
    public mutating func withdraw(_ amount: Int64, of currency: Currency) throws(GameplayError) -> WalletChange {
        try currency.check()
        try Checks.amount(amount)
        let before = self[currency]
        let (after, overflow) = before.subtractingReportingOverflow(amount)
        guard !overflow else { throw GameplayError(.overflow, "\(currency.name): the difference leaves Int64") }
        guard after >= currency.floor || amount == 0 else {
            throw GameplayError(.insufficient, "\(currency.name): \(before) is not enough for \(amount)")
        }
        return set(after, currency, before)
    }

    /// Moves money into another wallet, all or none.
    ///
    /// - Throws: ``GameplayError`` as ``withdraw(_:of:)`` and ``deposit(_:of:)``.
    public mutating func transfer(
        _ amount: Int64, of currency: Currency, to other: inout Wallet
    ) throws(GameplayError) -> (from: WalletChange, to: WalletChange) {
        var source = self
        let from = try source.withdraw(amount, of: currency)
        let to = try other.deposit(amount, of: currency)
        self = source
        return (from, to)
    }

    private mutating func set(_ after: Int64, _ currency: Currency, _ before: Int64) -> WalletChange {
        if after != before { balances[currency.name] = after }
        return WalletChange(currency: currency.name, before: before, after: after)
    }
}

extension Wallet: Codable {
    /// Reads an object of integers.
    public init(from decoder: any Decoder) throws {
        balances = try [String: Int64](from: decoder)
    }

    /// Writes an object of integers.
    public func encode(to encoder: any Encoder) throws {
        try balances.encode(to: encoder)
    }
}
