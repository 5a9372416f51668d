public import HoldfastStorage

/// What became of a trade.
public enum TradeOutcome: Sendable, Equatable {
    /// Every side takes effect, durably; what is given to records that are live elsewhere follows at once, and to those
    /// that are not, when they are opened.
    case committed
    /// No side takes effect, durably; what was set aside goes back likewise.
    case aborted(TradeAbort)
    /// Not decided yet, as far as this server could learn: it will be, by the time the trade may take and a little
    /// more.
    ///
    /// Ask ``Coordinator/tradeVerdict(_:)``, or call again with the same id.
    case pending
}

/// Why a trade was aborted.
public struct TradeAbort: Sendable, Equatable {
    /// What kind of reason it is.
    public enum Cause: String, Sendable {
        /// A record, or a rule of its collection, refused its part.
        case refused
        /// It was not decided in time: a partner's server is gone or slow.
        case timedOut
        /// Not known here: it was aborted before, or somebody cancelled a leg of it.
        case unknown
    }

    /// What kind of reason it is.
    public let cause: Cause
    /// Who refused.
    public let record: RecordID?
    /// What the refusal said, or one sentence for an operator.
    public let message: String
}
