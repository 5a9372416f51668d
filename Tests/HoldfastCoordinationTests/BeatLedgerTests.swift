import HoldfastStorage
import Testing

@testable import HoldfastCoordination

@Suite("What a beat's answer says of earlier beats")
struct BeatLedgerTests {
    private let boot = RandomID(high: 1, low: 1)

    private func reply(_ number: Int64?, boot: RandomID? = nil) -> BeatReply {
        BeatReply(
            previousNumber: number, previousBoot: number.map { _ in boot ?? self.boot }, drainRequested: false, run: "r"
        )
    }

    @Test("the first beat may replace anything; a later one must replace its predecessor")
    func predecessor() {
        var ledger = BeatLedger()
        let first = ledger.answered(ledger.next(), reply(7, boot: RandomID(high: 9, low: 9)), boot: boot)
        #expect(!first)
        let second = ledger.answered(ledger.next(), reply(1), boot: boot)
        #expect(!second)
        let third = ledger.answered(ledger.next(), reply(nil), boot: boot)
        #expect(third)
        let fourth = ledger.answered(ledger.next(), reply(2), boot: boot)
        #expect(fourth)
        let another = ledger.answered(ledger.next(), reply(9, boot: RandomID(high: 9, low: 9)), boot: boot)
        #expect(another)
    }

    @Test("a beat whose answer was lost may have been written, and may not")
    func lostAnswer() {
        for previous: Int64 in [1, 2] {
            var ledger = BeatLedger()
            _ = ledger.answered(ledger.next(), reply(nil), boot: boot)
            _ = ledger.next()
            let third = ledger.answered(ledger.next(), reply(previous), boot: boot)
            #expect(!third)
        }
    }

    @Test("answers that are taken out of order show no loss")
    func outOfOrder() {
        var ledger = BeatLedger()
        _ = ledger.answered(ledger.next(), reply(nil), boot: boot)
        let (second, third) = (ledger.next(), ledger.next())
        let late = ledger.answered(third, reply(2), boot: boot)
        #expect(!late)
        let early = ledger.answered(second, reply(1), boot: boot)
        #expect(!early)
        let next = ledger.answered(ledger.next(), reply(3), boot: boot)
        #expect(!next)
    }
}
