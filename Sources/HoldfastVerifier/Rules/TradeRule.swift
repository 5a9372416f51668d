/// Promise I4 for trades between servers: every trade is decided once, and what the store has of it follows.
///
/// In the demo a trade has two records. Where the far one took its part, the trade is committed; nothing is given in a
/// trade that is not; what was set aside goes back if it was aborted, and only then; and whoever was told the outcome
/// was told the truth. Whether coins were lost or made on the way shows in the sum of all.
struct TradeRule {
    private struct Trade {
        var legs: [StoreImage.Operation] = []
        var gives: [StoreImage.Operation] = []
        var refunds: [StoreImage.Operation] = []
        var told: Set<String> = []
    }

    private let evidence: Evidence
    private let trades: [String: Trade]

    init(_ evidence: Evidence) {
        self.evidence = evidence
        var trades: [String: Trade] = [:]
        for operation in evidence.store.operations {
            guard let step = TradeStep(operation.name.id) else { continue }
            switch step.kind {
            case .leg: trades[step.trade, default: Trade()].legs.append(operation)
            case .give: trades[step.trade, default: Trade()].gives.append(operation)
            case .refund: trades[step.trade, default: Trade()].refunds.append(operation)
            }
        }
        for line in evidence.journals.tradeEnds { trades[line.trade, default: Trade()].told.insert(line.outcome) }
        self.trades = trades
    }

    func check(_ findings: inout Findings) {
        for (name, trade) in trades.sorted(by: { $0.key < $1.key }) {
            guard let fault = fault(of: trade, verdict: verdict(of: name)) else { continue }
            findings.report(.halfTrade, "trade \(name): \(fault)")
        }
        let known = Set(trades.keys.map { RandomID(hashing: "trade:\($0)") })
        for trade in evidence.store.trades.noted.subtracting(known) where evidence.store.trades.verdicts[trade] == nil {
            findings.report(.halfTrade, "trade \(trade) was begun and never decided")
        }
    }

    /// Trades that were carried out between servers, those that were aborted, and those that were begun and are not
    /// over.
    var counts: (across: Int, aborted: Int, unfinished: Int) {
        var counts = (across: 0, aborted: 0, unfinished: 0)
        for (name, trade) in trades {
            switch verdict(of: name) {
            case "committed": counts.across += trade.legs.isEmpty ? 0 : 1
            case nil: counts.unfinished += trade.legs.isEmpty ? 0 : 1
            default:
                counts.aborted += 1
                counts.unfinished += trade.legs.isEmpty || !trade.refunds.isEmpty ? 0 : 1
            }
        }
        return counts
    }

    private func verdict(of trade: String) -> String? {
        evidence.store.trades.verdicts[RandomID(hashing: "trade:\(trade)")]
    }

    private func fault(of trade: Trade, verdict: String?) -> String? {
        if let told = trade.told.first(where: { $0 != verdict }) {
            return "it was acknowledged as \(told), decided was \(verdict ?? "nothing")"
        }
        let lost = (trade.gives + trade.refunds).first { !["pending", "applied"].contains($0.state) }
        if let lost { return "\(lost.name.idText) is \(lost.state)" }
        switch verdict {
        case nil:
            return trade.legs.isEmpty && trade.gives.isEmpty && trade.refunds.isEmpty ? nil : "it was never decided"
        case "committed":
            if let leg = trade.legs.first(where: { $0.state != "applied" }) {
                return "it was committed, the far side is \(leg.state)"
            }
            return trade.refunds.isEmpty ? nil : "it was committed, and what was set aside went back"
        default:
            if trade.legs.contains(where: { $0.state == "applied" }) { return "it was aborted, the far side took part" }
            if !trade.gives.isEmpty { return "it was aborted, and something was given" }
            return trade.legs.isEmpty || !trade.refunds.isEmpty ? nil : "it was aborted, what was set aside is gone"
        }
    }
}
