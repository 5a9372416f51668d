/// What the store has of trades whose sides were written by several commits.
struct StoredTrades {
    /// The verdict of each trade that was decided: `committed` or `aborted`.
    var verdicts: [RandomID: String] = [:]
    /// Trades that were begun and are still noted in a journal.
    var noted: Set<RandomID> = []
}

/// One operation of a trade, by its id: `trade:<trade>:<step>`.
struct TradeStep: Hashable {
    enum Kind: String {
        /// What a record that was live elsewhere gave, and got where it was the last.
        case leg
        /// What was promised to a record.
        case give
        /// What was set aside and goes back.
        case refund
    }

    let trade: String
    let kind: Kind

    init?(_ id: [UInt8]) {
        let text = String(decoding: id, as: UTF8.self)
        guard text.hasPrefix("trade:"), let colon = text.lastIndex(of: ":"),
            let kind = Kind(rawValue: String(text[text.index(after: colon)...]))
        else { return nil }
        trade = String(text[..<colon].dropFirst("trade:".count))
        self.kind = kind
    }
}
