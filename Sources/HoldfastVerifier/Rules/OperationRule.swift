/// Promise I3, at most once for ever and never forgotten: holds deliveries and receipts against the
/// journals and against the effects that the final documents show.
///
/// Every acknowledged delivery has its row; every acknowledged application has its receipt and happened
/// in one version; what was acknowledged as cancelled is so, and a requeued dead letter has its new row. A document's
/// rewards are exactly those of its receipts and of committed steps, in number and in coins: whatever was cancelled,
/// has expired or died brought nothing.
struct OperationRule {
    private let evidence: Evidence
    private let operations: [OperationOfKey: StoreImage.Operation]
    private let delivered: [OperationOfKey: Int64]

    init(_ evidence: Evidence) {
        self.evidence = evidence
        operations = Dictionary(
            evidence.store.operations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        delivered = Dictionary(
            evidence.journals.delivered.map { ($0.operation, $0.amount) }, uniquingKeysWith: { first, _ in first })
    }

    func check(_ findings: inout Findings) {
        checkRows(&findings)
        checkCancelled(&findings)
        checkRequeued(&findings)
        let repeated = checkApplications(&findings)
        checkEffects(repeated: repeated, &findings)
    }

    /// One row for each operation, and one for each acknowledged delivery.
    private func checkRows(_ findings: inout Findings) {
        var seen: Set<OperationOfKey> = []
        for operation in evidence.store.operations where !seen.insert(operation.name).inserted {
            findings.report(.duplicateOperation, "\(describe(operation.name)) has two rows")
        }
        var judged: Set<OperationOfKey> = []
        for line in evidence.journals.delivered where judged.insert(line.operation).inserted {
            guard let row = operations[line.operation] else {
                findings.report(.missingOperation, "\(describe(line.operation)) was acknowledged and has no row")
                continue
            }
            if let amount = row.amount, amount != line.amount {
                findings.report(
                    .missingOperation,
                    "\(describe(line.operation)) was delivered with \(line.amount) coins and stored with \(amount)")
            }
        }
    }

    /// Whoever wanted to take an operation back was told the truth.
    private func checkCancelled(_ findings: inout Findings) {
        for line in evidence.journals.cancelled where line.outcome != "missing" {
            let state = operations[line.operation]?.state
            guard line.outcome == "begun" ? state == "cancelled" : state != line.outcome else { continue }
            findings.report(
                state == "applied" ? .duplicateOperation : .missingOperation,
                "\(describe(line.operation)) was said to be \(line.outcome), its row says \(state ?? "nothing")")
        }
    }

    /// A dead letter that was delivered anew is settled, and its successor is there.
    private func checkRequeued(_ findings: inout Findings) {
        for line in evidence.journals.requeued {
            if operations[line.newOperation] == nil {
                findings.report(.missingOperation, "\(describe(line.newOperation)) was requeued and has no row")
            }
            guard let state = operations[line.operation]?.state, state != "cancelled" else { continue }
            findings.report(
                .duplicateOperation, "\(describe(line.operation)) was requeued, its own row says \(state)")
        }
    }

    /// Each acknowledged application has a receipt, and all its lines name one version.
    private func checkApplications(_ findings: inout Findings) -> [KeyIndex: Int64] {
        var versions: [OperationOfKey: Int64] = [:]
        var repeated: [KeyIndex: Int64] = [:]
        for line in evidence.journals.applied {
            if let version = versions.updateValue(line.version, forKey: line.operation) {
                guard version != line.version else { continue }
                repeated[line.operation.key, default: 0] += 1
                findings.report(
                    .duplicateOperation,
                    "\(describe(line.operation)) was applied in version \(version) and in \(line.version)")
                continue
            }
            let state = operations[line.operation]?.state
            // Without any row, an acknowledged delivery was reported already.
            if state != "applied", state != nil || delivered[line.operation] == nil {
                findings.report(
                    .missingOperation,
                    "\(describe(line.operation)) was applied in version \(line.version), its receipt says "
                        + (state ?? "nothing"))
            }
            if evidence.index.writes(of: line.operation.key, version: line.version).isEmpty {
                findings.reportLost(
                    line.operation.key, version: line.version,
                    "\(describe(line.operation)) was applied in version \(line.version), which was never committed")
            }
        }
        return repeated
    }

    /// The effects in each final document are those of its receipts, less the `repeated` ones that were
    /// counted before.
    private func checkEffects(repeated: [KeyIndex: Int64], _ findings: inout Findings) {
        var receipts: [KeyIndex: (count: Int64, coins: Int128)] = [:]
        for operation in evidence.store.operations where operation.effects > 0 {
            let amount = operation.amount ?? delivered[operation.name]
            if amount == nil {
                findings.report(.missingOperation, "\(describe(operation.name)) has a payload that cannot be read")
            }
            let sum = receipts[operation.name.key] ?? (0, 0)
            let coins = Int128(operation.effects) * Int128(amount ?? 0)
            receipts[operation.name.key] = (sum.count + operation.effects, sum.coins + coins)
        }
        for key in 0..<evidence.keys.count {
            let receipt = receipts[key] ?? (0, 0)
            let rewards: Int64
            let rewarded: Int64
            switch evidence.store.records[key]?.content {
            case .document(let balance, let count): (rewards, rewarded) = (count, balance.rewarded)
            case .some(.none), nil: (rewards, rewarded) = (0, 0)
            case .corrupt: continue
            }
            let sentence =
                "key \(evidence.keys.name(key)): the document has \(rewards) rewards of \(rewarded) coins, its "
                + "receipts are \(receipt.count) of \(receipt.coins) coins"
            let surplus = Int128(rewards) - Int128(receipt.count)
            if surplus != 0 {
                let counted = surplus > 0 ? Int128(repeated[key] ?? 0) : 0
                findings.report(
                    surplus > 0 ? .duplicateOperation : .missingOperation,
                    count: Int(clamping: max(surplus.magnitude, UInt128(counted)) - UInt128(counted)), sentence)
            } else if Int128(rewarded) != receipt.coins {
                findings.report(
                    Int128(rewarded) > receipt.coins ? .duplicateOperation : .missingOperation, sentence)
            }
        }
    }

    private func describe(_ operation: OperationOfKey) -> String {
        "operation \(operation.idText) of key \(evidence.keys.name(operation.key))"
    }
}
