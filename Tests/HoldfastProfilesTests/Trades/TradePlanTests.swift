import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("Trades: what each step commits")
struct TradePlanTests {
    @Test("whatever order steps, refusals, cancellations and recalls come in, a trade is whole or not at all")
    func histories() throws {
        var verdicts: Set<Decision.Verdict> = []
        for seed in 0..<600 {
            var model = try TradeModel(seed: UInt64(seed))
            try model.play()
            if let problem = model.problem { Issue.record("seed \(seed): \(problem)") }
            if let verdict = model.verdict { verdicts.insert(verdict) }
        }
        #expect(verdicts == [.committed, .aborted])
    }

    @Test("the same histories go wrong where the one decision is not compared, or a leg's receipt is not")
    func withoutTheRules() throws {
        for rule in [TradeModel.Rule.decision, .receipt] {
            let isFound = try (0..<600).contains { seed in
                var model = try TradeModel(seed: UInt64(seed), without: rule)
                try model.play()
                return model.problem != nil
            }
            #expect(isFound, "without \(rule)")
        }
    }

    @Test("a trade's time ends within the hour that one may take, whatever its stored bytes say")
    func times() throws {
        for (millis, end) in [(400, 405), (Int64.max, 3_600_005), (.min, 5)] as [(Int64, Int64)] {
            #expect(TradePlan(id: "t", legs: [], escrowed: 1, timeoutMillis: millis).endMillis(begunAt: 5) == end)
        }
    }

    @Test("a message that was requeued under another id, or sent to another record, is none")
    func foreignMessage() throws {
        let plan = try TradeModel(seed: 1).plan
        let delivery = try #require(try plan.begun().deliveries.first)
        func operation(_ id: OperationID, _ record: RecordID) -> OperationRecord {
            OperationRecord(
                record: record, id: id, type: delivery.type, payload: delivery.payload, state: .pending, attempts: 0,
                lastError: nil, sequence: 1, deliveredAtMillis: 0, finishedAtMillis: nil, expiresAtMillis: nil,
                dueAtMillis: nil)
        }
        #expect(try TradeMessage(operation(delivery.id, delivery.record)).plan == plan)
        #expect(throws: ProfileError.self) {
            try TradeMessage(operation(OperationID("again"), delivery.record))
        }
        let other = RecordID(collection: delivery.record.collection, key: try Key("stranger"))
        #expect(throws: ProfileError.self) { try TradeMessage(operation(delivery.id, other)) }
        #expect(try TradePlan(plan.encoded()) == plan)
    }
}
