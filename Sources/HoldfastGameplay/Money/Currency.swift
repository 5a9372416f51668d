/// One kind of money and the bounds of its balances; declared once, as a constant of the game.
///
/// ```swift
/// extension Currency {
///     static let coins = Currency("coins", cap: 1_000_000_000)
/// }
/// ```
public struct Currency: Hashable, Sendable {
    /// 1 to 64 of the characters `A–Z a–z 0–9 _ . : / -`.
    public let name: String
    /// What a withdrawal may leave at least; 0 unless debts are allowed.
    public let floor: Int64
    /// What a deposit may reach at most.
    public let cap: Int64

    /// Declares a currency.
    ///
    /// It is checked when a wallet uses it.
    public init(_ name: String, floor: Int64 = 0, cap: Int64 = .max) {
        self.name = name
        self.floor = floor
        self.cap = cap
    }

    /// - Throws: ``GameplayError`` with code `badInput` for a bad name, or bounds that do not enclose 0.
    func check() throws(GameplayError) {
        try Checks.name(name, "a currency's name")
        guard floor <= 0, cap >= 0 else {
            throw GameplayError(.badInput, "a currency's floor is at most 0 and its cap at least 0")
        }
    }
}
