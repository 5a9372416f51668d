/// Says for ever what became of a trade whose sides are written by several commits.
///
/// A trade has at most one: whoever brings the first one decides, and everybody after that learns it.
public struct Decision: Sendable, Equatable {
    /// What became of a trade.
    public enum Verdict: String, Sendable, CaseIterable {
        /// Every side takes effect.
        case committed
        /// No side does; what was set aside for it goes back.
        case aborted
    }

    /// Drawn once for the trade.
    public var trade: RandomID
    /// What is to become of it, unless another one stands.
    public var verdict: Verdict

    /// Joins the two.
    public init(trade: RandomID, verdict: Verdict) {
        self.trade = trade
        self.verdict = verdict
    }
}
