import ModelTesting
import Testing

@testable import HoldfastRedis

/// A cluster in memory that answers as Redis 7.0 does (`getNodeByQuery`), with slots that move and nodes that fail.
private struct ModelCluster {
    typealias Address = RedisConfiguration.Address

    struct Slot {
        var owner: Int
        /// Where it is being moved to.
        var importer: Int?
        /// Which of its keys have moved already; the keys of a slot are 0 and 1.
        var moved: Set<Int> = []
    }

    var slots: [Slot]
    var nodeCount: Int
    var loading: Set<Int> = []
    var isDown = false
    /// How often each command was executed.
    var executions: [Int: Int] = [:]

    static func address(_ node: Int) -> Address { .tcp(host: "node", port: 7000 + node) }

    init(nodes: Int, slots: Int) {
        nodeCount = nodes
        self.slots = (0..<slots).map { Slot(owner: $0 % nodes) }
    }

    /// What a node answers to a command that uses `keys` of a slot.
    mutating func answer(_ command: Int, slot: Int, keys: [Int], at node: Int, asking: Bool) -> RedisValue {
        func refuse(_ text: String) -> RedisValue { .error(RedisServerError(text: text)) }
        func place(_ node: Int) -> String { "\(slot) node:\(7000 + node)" }
        if loading.contains(node) { return refuse("LOADING dataset") }
        if isDown { return refuse("CLUSTERDOWN The cluster is down") }
        let state = slots[slot]
        if state.owner == node {
            let missing = keys.filter { state.moved.contains($0) }
            if let importer = state.importer, !missing.isEmpty {
                return refuse(missing.count < keys.count ? "TRYAGAIN split" : "ASK \(place(importer))")
            }
        } else if state.importer == node, asking {
            if keys.count > 1, state.moved.count < 2 { return refuse("TRYAGAIN split") }
        } else {
            return refuse("MOVED \(place(state.owner))")
        }
        executions[command, default: 0] += 1
        return .status("OK")
    }

    /// Something happens to the cluster.
    mutating func change(using generator: inout SeededGenerator) {
        let slot = Int.random(in: 0..<slots.count, using: &generator)
        let node = Int.random(in: 0..<nodeCount, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1:
            if slots[slot].importer == nil, slots[slot].owner != node { slots[slot].importer = node }
        case 2, 3:
            if slots[slot].importer != nil { slots[slot].moved.insert(Int.random(in: 0...1, using: &generator)) }
        case 4: settle(slot)
        case 5:
            // A failover: all slots of a node at once, half-moved ones included.
            for index in slots.indices where slots[index].owner == node {
                slots[index] = Slot(owner: (node + 1) % nodeCount)
            }
        case 6: loading.formSymmetricDifference([node])
        default: isDown.toggle()
        }
    }

    mutating func settle(_ slot: Int) {
        guard let importer = slots[slot].importer else { return }
        slots[slot] = Slot(owner: importer)
    }

    mutating func settle() {
        isDown = false
        loading = []
        for slot in slots.indices { settle(slot) }
    }
}

@Suite("Commands on a cluster that never rests")
struct ClusterModelTests {
    @Test("every command is executed once or reported as refused, in 2,000 histories each", arguments: 0..<5)
    func histories(seed: UInt64) throws {
        for history in 0..<2_000 {
            var generator = SeededGenerator(seed: seed * 1_000_003 + UInt64(history))
            try play(history: history, using: &generator)
        }
    }

    private func play(history: Int, using generator: inout SeededGenerator) throws {
        var cluster = ModelCluster(nodes: Int.random(in: 1...4, using: &generator), slots: 3)
        var map = try SlotMap(
            .array([
                .array([
                    .integer(0), .integer(16_383),
                    .array([.bytes(Array("node".utf8)), .integer(7000)]),
                ])
            ]), askedAt: ModelCluster.address(0))
        for command in 0..<6 {
            let slot = Int.random(in: 0..<3, using: &generator)
            let keys = Bool.random(using: &generator) ? [0, 1] : [Int.random(in: 0...1, using: &generator)]
            var attempt = CommandAttempt(isScript: false)
            var timeLeft = Duration.seconds(5)
            var steps = 0
            var isCalm = false
            var outcome: RedisValue?
            while outcome == nil {
                steps += 1
                guard steps < 500 else { throw Endless(history: history) }
                // Some histories calm down, others stay wild until the deadline.
                if !isCalm, Int.random(in: 0..<12, using: &generator) == 0 {
                    cluster.settle()
                    isCalm = true
                }
                if !isCalm { cluster.change(using: &generator) }
                let (address, asking): (ModelCluster.Address?, Bool) =
                    switch attempt.target {
                    case .owner: (map.owner(of: slot), false)
                    case .node(let address): (address, false)
                    case .asking(let address): (address, true)
                    }
                guard case .tcp(_, let port)? = address else { throw Endless(history: history) }
                let reply = cluster.answer(command, slot: slot, keys: keys, at: port - 7000, asking: asking)
                let verdict = attempt.judge(
                    .success(reply), from: .tcp(host: "node", port: port), timeLeft: timeLeft, using: &generator)
                if case .moved(let redirection) = verdict.lesson {
                    map.learn(redirection.slot, at: redirection.address)
                }
                switch verdict.step {
                case .finish: outcome = reply
                case .send: break
                case .rest(let rest): timeLeft = max(.zero, timeLeft - rest)
                }
            }
            let executed = cluster.executions[command, default: 0]
            if outcome == .status("OK") {
                #expect(executed == 1, "history \(history)")
            } else {
                #expect(executed == 0, "history \(history)")
                // In peace only somebody who was redirected too often before may fail.
                #expect(!isCalm || timeLeft < .seconds(5), "history \(history)")
            }
        }
    }

    private struct Endless: Error {
        let history: Int
    }
}

@Suite("When to ask for the slot map")
struct RefreshPlanTests {
    private let start = ContinuousClock.now
    private var generator = SeededGenerator(seed: 5)

    @Test("the first map is due at once, the next one a while later without any wish")
    mutating func floor() {
        var plan = RefreshPlan(now: start)
        #expect(plan.due == start)
        plan.finished(isNews: true, now: start, using: &generator)
        #expect(plan.due >= start + .milliseconds(7_500) && plan.due <= start + .milliseconds(12_500))
    }

    @Test("many wishes are one refresh, and a routine one comes a second after the last")
    mutating func coalesced() {
        var plan = RefreshPlan(now: start)
        plan.finished(isNews: true, now: start, using: &generator)
        for millis in 1...50 { plan.request(.routine, now: start + .milliseconds(millis)) }
        #expect(plan.due == start + .seconds(1))
        plan.request(.urgent, now: start + .milliseconds(60))
        #expect(plan.due == start + .milliseconds(100))
    }

    @Test("urgent refreshes that find nothing new come less often, down to two a second")
    mutating func backoff() {
        var plan = RefreshPlan(now: start)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<6 {
            plan.finished(isNews: false, now: now, using: &generator)
            plan.request(.urgent, now: now)
            pauses.append(plan.due - now)
            now = plan.due
        }
        #expect(pauses == [200, 400, 500, 500, 500, 500].map { .milliseconds($0) })
        plan.finished(isNews: true, now: now, using: &generator)
        plan.request(.urgent, now: now)
        #expect(plan.due - now == .milliseconds(100))
    }

    @Test("after quiet times an urgent wish is served at once")
    mutating func quiet() {
        var plan = RefreshPlan(now: start)
        for _ in 0..<5 { plan.finished(isNews: false, now: start, using: &generator) }
        let later = start + .seconds(5)
        plan.request(.urgent, now: later)
        #expect(plan.due == later)
        plan.finished(isNews: false, now: later, using: &generator)
        plan.request(.urgent, now: later)
        #expect(plan.due == later + .milliseconds(200))
    }

    @Test("while no node answers, it is tried again and again")
    mutating func failure() {
        var plan = RefreshPlan(now: start)
        var now = start
        for _ in 0..<10 {
            plan.failed(now: now)
            #expect(plan.due > now && plan.due <= now + .seconds(1))
            now = plan.due
        }
    }
}
