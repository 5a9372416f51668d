/// What one call did to a balance.
public struct WalletChange: Hashable, Sendable {
    /// The currency's name.
    public let currency: String
    /// The balance before.
    public let before: Int64
    /// The balance after.
    public let after: Int64

    /// What was added; negative for what was taken.
    ///
    /// A wallet never moves further than Int64 reaches.
    public var amount: Int64 { after - before }
}
