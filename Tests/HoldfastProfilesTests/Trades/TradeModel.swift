import HoldfastStorage
import ModelTesting

@testable import HoldfastProfiles

/// A store in miniature with one trade in it, whose steps come in an order that a seed draws.
struct TradeModel {
    /// What a store compares that a broken one would not.
    enum Rule { case decision, receipt }

    private struct Move: ProfileOperation {
        static let name = "move"
        var coins: Int64
        func apply(to document: inout Int64) throws { document += coins }
    }

    private enum Actor: CaseIterable { case leg, refusal, cancellation, recall, secondRecall, pending }

    /// How far a recall has come.
    private struct Recall {
        var isDecided = false
        var position: Int
        var hasStopped = false
        var isOver = false
    }

    let plan: TradePlan
    private(set) var problem: String?
    private let without: Rule?
    private var random: SeededGenerator
    private var coins: [RecordID: Int64] = [:]
    private var operations: [RecordID: [OperationID: (delivery: Delivery, state: OperationState)]] = [:]
    private var decisions: [RandomID: Decision.Verdict] = [:]
    private var recalls: [Recall]
    private let before: [RecordID: Int64]
    private let after: [RecordID: Int64]

    var verdict: Decision.Verdict? { decisions[TradePlan.decisionID(of: plan.id)] }

    init(seed: UInt64, without: Rule? = nil) throws {
        random = SeededGenerator(seed: seed)
        self.without = without
        let count = 2 + Int(random.next() % 4)
        let escrowed = 1 + Int(random.next() % UInt64(count - 1))
        var legs: [TradeLeg] = []
        for index in 0..<count {
            let record = RecordID(collection: try CollectionName("purses"), key: Key(index))
            var leg = TradeLeg(record)
            coins[record] = 100
            // Each gives to the next one; some far ones only receive what their neighbour gives.
            let gives = { Int64(10 * ($0 + 1)) }
            leg.take = try TradeOperation(Move(coins: -gives(index)))
            leg.refund = try TradeOperation(Move(coins: gives(index)))
            leg.give = try TradeOperation(Move(coins: gives((index + count - 1) % count)))
            legs.append(leg)
        }
        plan = TradePlan(id: "seed-\(seed)", legs: legs, escrowed: escrowed, timeoutMillis: 1_000)
        recalls = [Recall(position: escrowed), Recall(position: escrowed)]
        before = coins
        after = Dictionary(
            uniqueKeysWithValues: legs.enumerated().map { index, leg in
                (leg.record!, 100 - Int64(10 * (index + 1)) + Int64(10 * ((index + count - 1) % count + 1)))
            })
    }

    mutating func play() throws {
        let begun = try plan.begun()
        for leg in plan.legs[..<plan.escrowed] { try apply(leg.take, to: leg.record!) }
        commit(begun)
        for _ in 0..<30 where problem == nil {
            switch Actor.allCases[Int(random.next() % 6)] {
            case .leg: try leg(refuses: false)
            case .refusal: if random.next() % 4 == 0 { try leg(refuses: true) }
            case .cancellation: if random.next() % 8 == 0 { cancel(at: Int(random.next() % UInt64(plan.legs.count))) }
            case .recall: if random.next() % 3 == 0 { try recall(0) }
            case .secondRecall: if random.next() % 6 == 0 { try recall(1) }
            case .pending: try applyPending()
            }
        }
        while !recalls[0].isOver, problem == nil { try recall(0) }
        try applyPending()
        guard problem == nil else { return }
        let wanted = verdict == .committed ? after : before
        if coins != wanted { problem = "\(String(describing: verdict)): \(coins) instead of \(wanted)" }
    }

    // MARK: - Steps

    /// The session of a record with a pending leg commits it, if the store lets it.
    private mutating func leg(refuses: Bool) throws {
        guard let position = pendingLeg() else { return }
        let leg = plan.legs[position]
        let effects = try refuses ? plan.refused(at: position) : plan.applied(at: position)
        if let decision = effects.decision, decisions[decision.trade] != nil, without != .decision {
            return settleLeg(position, .cancelled)
        }
        settleLeg(position, refuses ? .cancelled : .applied)
        if !refuses {
            try apply(leg.take, to: leg.record!)
            if plan.isLast(position) { try apply(leg.give, to: leg.record!) }
        }
        commit(effects)
    }

    private func pendingLeg() -> Int? {
        plan.legs.indices.first {
            state(ofLegAt: $0) == .pending || without == .receipt && state(ofLegAt: $0) == .cancelled
        }
    }

    private func state(ofLegAt position: Int) -> OperationState? {
        guard let id = try? TradePlan.operationID(.leg, of: plan.id) else { return nil }
        return operations[plan.legs[position].record!]?[id]?.state
    }

    private mutating func settleLeg(_ position: Int, _ state: OperationState) {
        guard let id = try? TradePlan.operationID(.leg, of: plan.id) else { return }
        operations[plan.legs[position].record!]?[id]?.state = state
    }

    private mutating func cancel(at position: Int) {
        if state(ofLegAt: position) == .pending { settleLeg(position, .cancelled) }
    }

    /// One request of a recall.
    private mutating func recall(_ index: Int) throws {
        guard !recalls[index].isOver else { return }
        let decision = plan.decision(.aborted)
        if !recalls[index].isDecided {
            decisions[decision.trade] = decisions[decision.trade] ?? .aborted
            recalls[index].isDecided = true
            recalls[index].isOver = verdict == .committed
        } else if !recalls[index].hasStopped {
            cancel(at: recalls[index].position)
            if state(ofLegAt: recalls[index].position) == .applied {
                recalls[index].position += 1
                if recalls[index].position == plan.legs.count { problem = "aborted with all legs applied" }
            } else {
                recalls[index].hasStopped = true
            }
        } else {
            for refund in try plan.refunds(before: recalls[index].position) { deliver(refund) }
            recalls[index].isOver = true
        }
    }

    /// Whoever opens the records applies what was delivered to them.
    private mutating func applyPending() throws {
        for (record, list) in operations {
            for (id, operation) in list
            where operation.state == .pending && operation.delivery.type != TradePlan.operationType {
                operations[record]?[id]?.state = .applied
                try apply(operation.delivery.payload, to: record)
            }
        }
    }

    // MARK: - The store

    private mutating func commit(_ effects: TradePlan.Effects) {
        if let decision = effects.decision { decisions[decision.trade] = decisions[decision.trade] ?? decision.verdict }
        for delivery in effects.deliveries { deliver(delivery) }
    }

    private mutating func deliver(_ delivery: Delivery) {
        guard operations[delivery.record]?[delivery.id] == nil else { return }
        operations[delivery.record, default: [:]][delivery.id] = (delivery, .pending)
    }

    private mutating func apply(_ operation: TradeOperation?, to record: RecordID) throws {
        guard let operation else { return }
        try apply(try CanonicalJSON.write(operation.payload), to: record)
    }

    private mutating func apply(_ payload: [UInt8], to record: RecordID) throws {
        let move = try DocumentDecoder().decode(Move.self, from: CanonicalJSON.parse(payload)).value
        coins[record, default: 0] += move.coins
    }
}
