/// What a list of ledger entries must add up to.
public enum Ledger {
    /// Where entries do not add up.
    public enum Fault: Hashable, Sendable {
        /// An account's balance is not the one before plus the amount: a line is missing, doubled or out of place.
        case brokenChain(LedgerEntry)
        /// The lines of a transfer do not cancel out.
        case unbalanced(id: String, currency: String, by: Int64)
        /// A sum leaves Int64.
        case overflow(LedgerEntry)
    }

    /// Checks that each account's balances follow from its amounts.
    ///
    /// - Parameters:
    ///   - entries: Each account's in the order in which they were written; an account's first line is taken as it is.
    ///   - isTransfer: Says which ids moved money between accounts only: their lines must sum to 0 in each currency.
    /// - Returns: What does not add up, in the order in which it was found; empty when all does.
    public static func faults(
        in entries: some Sequence<LedgerEntry>, where isTransfer: (_ id: String) -> Bool = { _ in false }
    ) -> [Fault] {
        var faults: [Fault] = []
        var balances: [Account: Int64] = [:]
        var sums: [Account: Int64] = [:]
        for entry in entries {
            let account = Account(name: entry.account, currency: entry.currency)
            if let before = balances[account] {
                let (balance, overflow) = before.addingReportingOverflow(entry.amount)
                if overflow || balance != entry.balance { faults.append(.brokenChain(entry)) }
            }
            balances[account] = entry.balance
            guard isTransfer(entry.id) else { continue }
            let transfer = Account(name: entry.id, currency: entry.currency)
            let (sum, overflow) = sums[transfer, default: 0].addingReportingOverflow(entry.amount)
            if overflow { faults.append(.overflow(entry)) }
            sums[transfer] = sum
        }
        for (transfer, sum) in sums.sorted(by: { ($0.key.name, $0.key.currency) < ($1.key.name, $1.key.currency) })
        where sum != 0 {
            faults.append(.unbalanced(id: transfer.name, currency: transfer.currency, by: sum))
        }
        return faults
    }

    /// Whose line it is, or which transfer's, in one currency.
    private struct Account: Hashable {
        let name: String
        let currency: String
    }
}
