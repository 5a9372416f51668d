import HoldfastGameplay
import ModelTesting
import Testing

@Suite struct MoneyTests {
    private let coins = Currency("coins", cap: 1_000)
    private let debt = Currency("debt", floor: -50, cap: 100)

    @Test("deposits and withdrawals keep between floor and cap, all or none")
    func bounds() throws {
        var wallet = Wallet()
        let change = try wallet.deposit(1_000, of: coins)
        #expect(change.amount == 1_000)
        expectRefusal(.overCap) { try wallet.deposit(1, of: coins) }
        expectRefusal(.insufficient) { try wallet.withdraw(1_001, of: coins) }
        expectRefusal(.negativeAmount) { try wallet.deposit(-1, of: coins) }
        expectRefusal(.negativeAmount) { try wallet.withdraw(-1, of: coins) }
        #expect(wallet[coins] == 1_000)
        let debtChange = try wallet.withdraw(50, of: debt)
        #expect(debtChange.after == -50)
        expectRefusal(.insufficient) { try wallet.withdraw(1, of: debt) }
    }

    @Test("a sum beyond Int64 is a typed error")
    func overflow() throws {
        let huge = Currency("huge", floor: .min)
        var wallet = Wallet()
        try wallet.deposit(.max, of: huge)
        expectRefusal(.overflow) { try wallet.deposit(1, of: huge) }
        var other = Wallet()
        try other.withdraw(.max, of: huge)
        try other.withdraw(1, of: huge)
        #expect(other[huge] == .min)
        expectRefusal(.overflow) { try other.withdraw(1, of: huge) }
        let change = try wallet.depositUpToCap(.max, of: huge)
        #expect(change.amount == 0)
    }

    @Test("what does not fit under the cap is left out where that is asked for")
    func upToCap() throws {
        var wallet = Wallet()
        try wallet.deposit(990, of: coins)
        let change = try wallet.depositUpToCap(100, of: coins)
        #expect(change.amount == 10)
        // The cap was lowered since: nothing is taken away.
        let lowered = try wallet.depositUpToCap(5, of: Currency("coins", cap: 500))
        #expect(lowered.amount == 0)
        #expect(wallet[coins] == 1_000)
    }

    @Test("a transfer moves all or none")
    func transfer() throws {
        var (ann, ben) = (Wallet(), Wallet())
        try ann.deposit(100, of: coins)
        try ben.deposit(950, of: coins)
        expectRefusal(.overCap) { _ = try ann.transfer(51, of: coins, to: &ben) }
        expectRefusal(.insufficient) { _ = try ann.transfer(101, of: coins, to: &ben) }
        #expect((ann[coins], ben[coins]) == (100, 950))
        _ = try ann.transfer(50, of: coins, to: &ben)
        #expect((ann[coins], ben[coins]) == (50, 1_000))
    }

    @Test("a currency that cannot be is refused where it is used")
    func badCurrency() {
        var wallet = Wallet()
        expectRefusal(.badInput) { try wallet.deposit(1, of: Currency("")) }
        expectRefusal(.badInput) { try wallet.deposit(1, of: Currency("coins", floor: 5)) }
        expectRefusal(.badInput) { try wallet.withdraw(1, of: Currency("coins", cap: -5)) }
    }

    @Test("the stored form of a wallet is an object of integers")
    func storedForm() throws {
        var wallet = Wallet()
        try wallet.deposit(100, of: coins)
        #expect(try encoded(wallet) == #"{"coins":100}"#)
        #expect(try decoded(Wallet.self, #"{"coins":100}"#) == wallet)
    }

    @Test("random deposits, withdrawals and transfers keep the sum, and their ledger adds up")
    func ledger() throws {
        for seed in 1...200 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var wallets = [Wallet(), Wallet(), Wallet()]
            var entries: [LedgerEntry] = []
            var sum: Int64 = 0
            for step in 0..<60 {
                let (one, two) = (generator.number(in: 0...2), generator.number(in: 0...2))
                let amount = Int64(generator.number(in: -5...400))
                func note(_ change: WalletChange, _ account: Int, _ reason: String) throws {
                    entries.append(
                        try LedgerEntry(change, id: "\(reason):\(step)", account: "\(account)", reason: reason, at: 1))
                }
                do {
                    switch generator.number(in: 0...3) {
                    case 0:
                        try note(try wallets[one].deposit(amount, of: coins), one, "earn")
                        sum += amount
                    case 1:
                        try note(try wallets[one].withdraw(amount, of: coins), one, "spend")
                        sum -= amount
                    default:
                        guard one != two else { continue }
                        var target = wallets[two]
                        let change = try wallets[one].transfer(amount, of: coins, to: &target)
                        wallets[two] = target
                        try note(change.from, one, "trade")
                        try note(change.to, two, "trade")
                    }
                } catch is GameplayError {}
                #expect(wallets.reduce(0) { $0 + $1[coins] } == sum)
            }
            #expect(Ledger.faults(in: entries) { $0.hasPrefix("trade:") } == [])
            guard
                let lost = entries.indices.filter({ entries[$0].amount != 0 }).last(where: { index in
                    entries[..<index].contains { $0.account == entries[index].account }
                        && entries[(index + 1)...].contains { $0.account == entries[index].account }
                })
            else { continue }
            entries.remove(at: lost)
            #expect(Ledger.faults(in: entries) { $0.hasPrefix("trade:") } != [], "seed \(seed): a lost line")
        }
    }

    @Test("a purchase is processed once, and one too old to know is refused")
    func receipts() throws {
        var receipts = PurchaseReceipts()
        let first = try receipts.record("p0", product: "gems", purchasedAt: 0)
        let again = try receipts.record("p0", product: "gems", purchasedAt: 0)
        #expect(first && !again)
        for number in 1...150 {
            let isNew = try receipts.record("p\(number)", product: "gems", purchasedAt: Int64(number))
            #expect(isNew)
        }
        #expect(receipts.kept.count == PurchaseReceipts.capacity)
        #expect(receipts.kept.first?.id == "p51")
        #expect(receipts.droppedUpToMillis == 50)
        expectRefusal(.tooOld) { _ = try receipts.record("p0", product: "gems", purchasedAt: 0) }
        expectRefusal(.tooOld) { _ = try receipts.record("late", product: "gems", purchasedAt: 50) }
        let late = try receipts.record("late", product: "gems", purchasedAt: 51)
        #expect(late)
        expectRefusal(.badInput) { _ = try receipts.record("", product: "gems", purchasedAt: 0) }
        #expect(try decoded(PurchaseReceipts.self, try encoded(receipts)) == receipts)
    }

    @Test("no history of reports processes a purchase twice")
    func receiptsModel() throws {
        for seed in 1...50 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var receipts = PurchaseReceipts()
            var processed: Set<Int> = []
            for _ in 0..<600 {
                let purchase = generator.number(in: 0...300)
                // The platform states the same time at every repetition.
                guard
                    let isNew = try? receipts.record("\(purchase)", product: "", purchasedAt: Int64(purchase / 3))
                else { continue }
                #expect(isNew == processed.insert(purchase).inserted)
            }
        }
    }
}
