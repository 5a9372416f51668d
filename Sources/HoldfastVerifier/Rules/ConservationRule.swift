/// Promise I4, trades neither create nor destroy: adds up all coins.
///
/// Each document and each acknowledged save has the coins that its sources add up to, none below zero;
/// all documents together have taken in by trades what they gave, less what is on its way to a player; both sides of
/// an acknowledged trade were committed by their own sessions.
struct ConservationRule {
    /// All coins of the collection.
    struct Coins {
        let expected: Int64
        let found: Int64
    }

    private let evidence: Evidence

    init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    func check(_ findings: inout Findings) -> Coins {
        checkTrades(&findings)
        for save in evidence.journals.saved where !save.balance.isSound {
            findings.report(
                .none, "\(name(save.key)) version \(save.version) was acknowledged with \(save.balance.summary)")
        }
        var found: Int128 = 0
        var tradedIn: Int128 = 0
        var tradedOut: Int128 = 0
        for (key, record) in evidence.store.records.sorted(by: { $0.key < $1.key }) {
            guard case .document(let balance, _) = record.content else { continue }
            if !balance.isSound { findings.report(.none, "\(name(key)) ended with \(balance.summary)") }
            found += Int128(balance.coins)
            tradedIn += Int128(balance.tradedIn)
            tradedOut += Int128(balance.tradedOut)
        }
        // What a trade between servers gives or gives back to a player who has not come for it yet.
        let underWay = evidence.store.operations.filter { $0.type == "demo.receive" && $0.state == "pending" }
        for operation in underWay {
            found += Int128(operation.amount ?? 0)
            tradedIn += Int128(operation.amount ?? 0)
        }
        if tradedIn != tradedOut {
            findings.report(.none, "trades brought in \(tradedIn) coins over all keys and took out \(tradedOut)")
        }
        let coins = Coins(expected: Int64(clamping: expected), found: Int64(clamping: found))
        if coins.expected != coins.found {
            findings.report(.none, "\(coins.expected) coins were earned and rewarded, \(coins.found) were found")
        }
        return coins
    }

    /// Earned by what must be in the documents, rewarded by what the receipts and committed steps say.
    private var expected: Int128 {
        var sum: Int128 = 0
        for key in 0..<evidence.keys.count {
            let record = evidence.store.records[key]
            let last = evidence.acknowledged[key]?.last
            if let last, last.version >= record?.version ?? 0 {
                sum += Int128(last.balance.earned)
            } else if case .document(let balance, _) = record?.content {
                sum += Int128(balance.earned)
            } else if let last {
                sum += Int128(last.balance.earned)
            }
        }
        var delivered: [OperationOfKey: Int64] = [:]
        for line in evidence.journals.delivered { delivered[line.operation] = line.amount }
        for operation in evidence.store.operations {
            sum += Int128(operation.effects) * Int128(operation.amount ?? delivered[operation.name] ?? 0)
        }
        return sum
    }

    private func checkTrades(_ findings: inout Findings) {
        for trade in evidence.journals.traded {
            for side in [trade.from, trade.to] {
                let writes = evidence.index.writes(of: side.key, version: side.version)
                if writes.isEmpty {
                    findings.reportLost(
                        side.key, version: side.version,
                        "trade \(trade.id) was acknowledged with version \(side.version) of \(name(side.key)), which "
                            + "was never committed")
                } else if !writes.contains(where: { $0.oldOwner == side.owner }) {
                    findings.report(
                        .staleWrite,
                        "trade \(trade.id) wrote version \(side.version) of \(name(side.key)) as \(side.owner), "
                            + "which did not own it")
                }
            }
        }
    }

    private func name(_ key: KeyIndex) -> String { "key \(evidence.keys.name(key))" }
}
