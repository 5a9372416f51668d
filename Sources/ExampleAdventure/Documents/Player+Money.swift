import HoldfastGameplay

extension Player {
    /// Notes a movement of money beside the money; both are saved together.
    mutating func note(_ change: WalletChange, id: String, reason: String, at now: Int64) throws {
        guard change.amount != 0 else { return }
        ledger.append(try LedgerEntry(change, id: id, account: character.id, reason: reason, at: now))
        if ledger.count > 100 { ledger.removeFirst() }
    }

    mutating func earn(_ amount: Int64, of currency: Currency, id: String, reason: String, at now: Int64) throws {
        let change = try wallet.depositUpToCap(amount, of: currency)
        if currency == .coins { statistics.coinsEarned += change.amount }
        try note(change, id: id, reason: reason, at: now)
    }

    mutating func pay(_ amount: Int64, of currency: Currency, id: String, reason: String, at now: Int64) throws {
        try note(try wallet.withdraw(amount, of: currency), id: id, reason: reason, at: now)
    }
}
