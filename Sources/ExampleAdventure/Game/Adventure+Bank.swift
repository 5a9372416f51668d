import Holdfast

extension Adventure {
    /// Lends money: both purses and the deployment's book change in one commit.
    func lend(_ lender: Session<Player>, to borrower: Session<Player>) async throws {
        let bank = try GeneralLedger("coins", coordinator)
        let (amount, now) = (Int64(20), clock.now())
        let (giver, taker) = ("player:\(lender.key)", "player:\(borrower.key)")
        try await coordinator.transaction(over: [lender, borrower]) { scope in
            try scope.edit(lender) { try TakeCoins(amount: amount, trade: "loan:1", at: now).apply(to: &$0) }
            try scope.edit(borrower) { try GiveCoins(amount: amount, trade: "loan:1", at: now).apply(to: &$0) }
            try scope.post(.transfer(amount, from: giver, to: taker, reason: "loan"), to: bank)
        }
        let balances = (try await bank.balance(of: giver), try await bank.balance(of: taker))
        summary.check(balances == (-amount, amount), "a loan of \(amount) coins is in the book")
    }
}
