import HoldfastStorage

/// The whole of a trade across servers, as its journal and each message of it carry it, and what each step commits.
///
/// Pure. The first legs are set aside together, in the commit that begins the trade; the others form a chain, in which
/// each leg is delivered by the commit of the one before:
///
///     begin:  takes of legs 0..<escrowed, journal, leg `escrowed` delivered      decides that it is begun
///     leg i:  its take, leg i + 1 delivered                                      decides nothing
///     last:   its take and give, the other gives delivered                       decides `committed`
///     refuse: nothing of this record, refunds of legs 0..<i delivered            decides `aborted`
///     recall: decides `aborted`, cancels the leg that is pending, then delivers the refunds of those before it
///
/// A trade has one decision, so of the last leg, a refusal and a recall one comes first; the others find its verdict
/// and write nothing. Between begin and decision what was taken is in the journal only. Every step is one transaction
/// and may be repeated: legs, gives and refunds are operations whose ids follow from the trade's.
struct TradePlan: Codable, Sendable, Equatable {
    /// The type of the operations that carry legs.
    static let operationType = "holdfast.trade.leg"
    /// A leg's message carries the whole plan.
    static let maximumBytes = 60_000

    /// What the steps of a trade are called in the ids of their operations.
    enum Step: String {
        case leg, give, refund
    }

    /// What a step commits beside the record.
    struct Effects {
        var decision: Decision?
        var deliveries: [Delivery] = []
        var entries: [AppendRequest] = []
    }

    let id: String
    let legs: [TradeLeg]
    /// How many of them the commit that begins the trade sets aside.
    let escrowed: Int
    /// How long it may stay undecided, from the begin.
    let timeoutMillis: Int64
    /// What the commit that decides the trade books.
    var postings: [TradePosting] = []

    /// The name of a trade's decision.
    static func decisionID(of id: String) -> RandomID { RandomID(hashing: "trade:\(id)") }
    /// Decides whether a trade is begun across servers (committed) or never will be (aborted).
    static func beginID(of id: String) -> RandomID { RandomID(hashing: "trade begins:\(id)") }

    /// When its time is over that began at an instant, both in milliseconds since 1970.
    ///
    /// Stored bytes may name any time; a trade is never left undecided for longer than one may take.
    func endMillis(begunAt millis: Int64) -> Int64 {
        millis + min(max(0, timeoutMillis), Trade.longestTimeout.wholeMilliseconds)
    }

    func decision(_ verdict: Decision.Verdict) -> Decision {
        Decision(trade: Self.decisionID(of: id), verdict: verdict)
    }

    /// The id of a step's operation within its record; each record has one leg.
    static func operationID(_ step: Step, of trade: String) throws(ProfileError) -> OperationID {
        do {
            return try OperationID("trade:\(trade):\(step.rawValue)")
        } catch {
            throw ProfileError(error)
        }
    }

    /// What the commit that begins the trade brings.
    func begun() throws(ProfileError) -> Effects {
        Effects(
            decision: Decision(trade: Self.beginID(of: id), verdict: .committed), deliveries: [try message(escrowed)])
    }

    /// What the commit that applies a leg of the chain brings.
    func applied(at position: Int) throws(ProfileError) -> Effects {
        guard isLast(position) else { return Effects(deliveries: [try message(position + 1)]) }
        return Effects(
            decision: decision(.committed), deliveries: try gives(besides: position),
            entries: try GeneralLedger.entries(postings))
    }

    /// What the commit that refuses a leg of the chain brings.
    func refused(at position: Int) throws(ProfileError) -> Effects {
        Effects(decision: decision(.aborted), deliveries: try refunds(before: position))
    }

    /// Whether the leg decides the trade.
    func isLast(_ position: Int) -> Bool { position == legs.count - 1 }

    /// What undoes the legs up to a position.
    func refunds(before position: Int) throws(ProfileError) -> [Delivery] {
        try deliveries(.refund, of: legs[..<position].map { ($0, $0.refund) })
    }

    private func gives(besides position: Int) throws(ProfileError) -> [Delivery] {
        try deliveries(.give, of: legs.indices.filter { $0 != position }.map { (legs[$0], legs[$0].give) })
    }

    private func deliveries(
        _ step: Step, of operations: [(leg: TradeLeg, operation: TradeOperation?)]
    ) throws(ProfileError) -> [Delivery] {
        let id = try Self.operationID(step, of: id)
        var deliveries: [Delivery] = []
        for (leg, operation) in operations {
            if let operation { deliveries.append(try operation.delivery(to: try record(of: leg), as: id)) }
        }
        return deliveries
    }

    private func message(_ position: Int) throws(ProfileError) -> Delivery {
        try TradeMessage(plan: self, position: position).delivery()
    }

    func record(of leg: TradeLeg) throws(ProfileError) -> RecordID {
        guard let record = leg.record else { throw ProfileError(.corrupt, "a trade names no record") }
        return record
    }

    func encoded() throws(ProfileError) -> [UInt8] {
        do {
            let bytes = try CanonicalJSON.write(try DocumentEncoder().encode(self))
            guard bytes.count <= Self.maximumBytes else {
                throw ProfileError(.badInput, "a trade has at most \(Self.maximumBytes) bytes, not \(bytes.count)")
            }
            return bytes
        } catch {
            throw error as? ProfileError ?? ProfileError(.badInput, "the trade cannot be stored: \(error)")
        }
    }

    /// Reads a plan as ``encoded()`` wrote it.
    init(_ bytes: [UInt8]) throws {
        self = try DocumentDecoder().decode(TradePlan.self, from: CanonicalJSON.parse(bytes)).value
    }

    init(id: String, legs: [TradeLeg], escrowed: Int, timeoutMillis: Int64, postings: [TradePosting] = []) {
        self.postings = postings
        self.id = id
        self.legs = legs
        self.escrowed = escrowed
        self.timeoutMillis = timeoutMillis
    }
}

/// What the session of a far record is told: the plan, and which of its legs is meant.
struct TradeMessage: Codable, Sendable {
    let plan: TradePlan
    let position: Int

    var leg: TradeLeg { plan.legs[position] }

    init(plan: TradePlan, position: Int) {
        self.plan = plan
        self.position = position
    }

    /// Reads the message that was delivered as this operation.
    ///
    /// - Throws: Where it was not: a dead letter that was requeued under another id, for example.
    init(_ operation: OperationRecord) throws {
        self = try DocumentDecoder().decode(TradeMessage.self, from: CanonicalJSON.parse(operation.payload)).value
        guard plan.legs.indices.contains(position), position >= plan.escrowed, leg.record == operation.record,
            try TradePlan.operationID(.leg, of: plan.id) == operation.id
        else { throw ProfileError(.corrupt, "a leg of another trade or record", record: operation.record) }
    }

    fileprivate func delivery() throws(ProfileError) -> Delivery {
        do {
            return Delivery(
                record: try plan.record(of: leg), id: try TradePlan.operationID(.leg, of: plan.id),
                type: TradePlan.operationType, payload: try CanonicalJSON.write(try DocumentEncoder().encode(self)))
        } catch {
            throw error as? ProfileError ?? ProfileError(.badInput, "the trade cannot be stored: \(error)")
        }
    }
}
