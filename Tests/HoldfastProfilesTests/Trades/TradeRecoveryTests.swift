import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Trades that somebody leaves unfinished", .timeLimit(.minutes(5)))
struct TradeRecoveryTests {
    /// Two servers over one store; the second one sees no operations while `isStalled` is on.
    private struct Pair {
        let store = InMemoryStore(deployment: "test")
        let isStalled = Flag()
        let fleet: Fleet
        let a: Market
        let b: Market

        init(renewMillis: Int64 = 150, _ fault: (@Sendable (FailingStore.Call) async -> FailingStore.Fault)? = nil)
            async throws
        {
            let isStalled = isStalled
            fleet = try await Fleet(
                store: store,
                timings: DeploymentTimings(leaseMillis: 60_000, renewMillis: renewMillis, beatMillis: 40),
                beatsToLive: 50)
            a = try Market(try await fleet.server("a"))
            let far = FailingStore(store) { call in
                if isStalled.value, case .operations = call.kind { return .before() }
                return await fault?(call) ?? .none
            }
            b = try Market(try await fleet.server("b", store: far))
            try await a.seat(1, coins: 0, "sword")
            try await a.seat(2, coins: 100)
        }

        func pendingTrades() async throws -> Int {
            var count = 0
            for log in try await store.logs(startingWith: Array("trade:".utf8), after: nil, limit: 100) {
                count += log.count
            }
            return count
        }
    }

    @Test("a partner who does not answer in time has not given, and what was set aside comes back")
    func stalled() async throws {
        let pair = try await Pair()
        let (seller, buyer) = (try await pair.a.players.open(Key(1)), try await pair.b.players.open(Key(2)))
        pair.isStalled.value = true
        let outcome = try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t", timeout: .milliseconds(400))
        guard case .aborted(let abort) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(abort.cause == .timedOut)
        #expect(await eventually { seller.document.inventory == ["sword"] })
        pair.isStalled.value = false
        // The leg is settled, and its owner knows better than to apply it.
        #expect(try await pair.a.players.operation("trade:t:leg", of: Key(2))?.state == .cancelled)
        try buyer.edit { $0.rewards = 1 }
        try await buyer.save()
        #expect(buyer.document.coins == 100 && buyer.document.inventory.isEmpty && seller.document.coins == 0)
        #expect(try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t") != .committed)
        #expect(try await eventually { try await pair.pendingTrades() == 0 })
        try await pair.b.server.drain()
        try await pair.a.server.drain()
    }

    @Test(
        "the server that began a trade dies: another one ends it, and the seller finds the sword where she comes back")
    func crashed() async throws {
        let pair = try await Pair()
        let buyer = try await pair.b.players.open(Key(2))
        pair.isStalled.value = true
        let trade = Task {
            try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t", timeout: .milliseconds(300))
        }
        #expect(try await eventually { try await pair.pendingTrades() == 1 })
        await pair.a.server.crash()
        _ = await trade.result
        #expect(try await eventually { try await pair.b.coordinator.tradeVerdict("t") == .aborted })
        #expect(try await eventually { try await pair.pendingTrades() == 0 })
        pair.isStalled.value = false
        let seller = try await pair.b.players.open(Key(1))
        #expect(await eventually { seller.document.inventory == ["sword"] && seller.document.coins == 0 })
        #expect(buyer.document.coins == 100 && buyer.document.inventory.isEmpty)
        try await pair.b.server.drain()
    }

    @Test("a trade that waits while its server stops says that its outcome is unknown, and is made all the same")
    func stopped() async throws {
        let pair = try await Pair()
        let (_, buyer) = (try await pair.a.players.open(Key(1)), try await pair.b.players.open(Key(2)))
        pair.isStalled.value = true
        let trade = Task { try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t") }
        #expect(try await eventually { try await pair.pendingTrades() == 1 })
        try await pair.a.server.drain()
        await #expect {
            try await trade.value
        } throws: { ($0 as? ProfileError)?.code == .outcomeUnknown }
        pair.isStalled.value = false
        #expect(await eventually { buyer.document.inventory == ["sword"] })
        #expect(try await pair.b.coordinator.tradeVerdict("t") == .committed)
        try await pair.b.server.drain()
    }

    @Test("calling again with the id of a trade that is under way waits for it, and does not abort it")
    func calledAgain() async throws {
        let pair = try await Pair()
        let (seller, buyer) = (try await pair.a.players.open(Key(1)), try await pair.b.players.open(Key(2)))
        pair.isStalled.value = true
        let first = Task { try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t") }
        #expect(try await eventually { try await pair.pendingTrades() == 1 })
        // The seller's sword is set aside already: this call's take cannot succeed.
        let again = try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t", timeout: .milliseconds(300))
        #expect(again == .pending)
        pair.isStalled.value = false
        #expect(try await first.value == .committed)
        #expect(await eventually { seller.document.coins == 30 && buyer.document.inventory == ["sword"] })
        try await pair.b.server.drain()
        try await pair.a.server.drain()
    }

    @Test("a leg that an operator cancels ends the trade, and one that died cannot be delivered anew")
    func cancelledLeg() async throws {
        let pair = try await Pair()
        let (seller, _) = (try await pair.a.players.open(Key(1)), try await pair.b.players.open(Key(2)))
        pair.isStalled.value = true
        let trade = Task {
            try await pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t", timeout: .milliseconds(700))
        }
        #expect(
            try await eventually {
                try await pair.a.players.cancelOperation("trade:t:leg", of: Key(2)) == .cancelled
            })
        pair.isStalled.value = false
        #expect(try await trade.value != .committed)
        #expect(await eventually { seller.document.inventory == ["sword"] })
        let leg = try #require(try await pair.a.players.operation("trade:t:leg", of: Key(2)))
        _ = try await pair.store.execute([
            .deliver(
                Delivery(
                    record: leg.record, id: try OperationID("once more"), type: leg.type, payload: leg.payload))
        ])
        #expect(
            try await eventually {
                try await pair.a.players.operation("once more", of: Key(2))?.state == .dead
            })
        try await pair.b.server.drain()
        try await pair.a.server.drain()
        #expect(try await pair.store.read(seller.id) != nil)
    }

    @Test("a leg that commits between the verdict and the recall is refused by the verdict")
    func lateLeg() async throws {
        let (isSlow, late, decided) = (Flag(), Hold(), Hold())
        let pair = try await Pair { call in
            guard isSlow.value, case .execute(let requests) = call.kind else { return .none }
            let isLeg = requests.contains { request in
                if case .commit(let commit) = request { commit.decision != nil } else { false }
            }
            if isLeg { await late.pass() }
            return .none
        }
        // The server that begins the trade waits between the verdict and the recall.
        let near = FailingStore(pair.store) { call in
            if case .cancelOperation = call.kind {
                late.open()
                await decided.pass()
            }
            return .none
        }
        let c = try Market(try await pair.fleet.server("c", store: near))
        let (seller, buyer) = (try await c.players.open(Key(1)), try await pair.b.players.open(Key(2)))
        isSlow.value = true
        let trade = Task { try await c.sell("sword", for: 30, from: 1, to: 2, id: "t", timeout: .milliseconds(500)) }
        #expect(
            try await eventually {
                let receipt = try await pair.a.players.operation("trade:t:leg", of: Key(2))
                return receipt.map { $0.state != .pending } ?? false
            })
        decided.open()
        #expect(try await trade.value != .committed)
        #expect(buyer.document.coins == 100 && buyer.document.inventory.isEmpty)
        #expect(await eventually { seller.document.inventory == ["sword"] } && seller.document.coins == 0)
        try await c.server.drain()
        try await pair.b.server.drain()
        try await pair.a.server.drain()
    }

    @Test("a record that cannot take back what it gave keeps no other from it, and the trade is over all the same")
    func refundFails() async throws {
        let pair = try await Pair()
        let isFull = Flag()
        let near = FailingStore(pair.store) { call in
            guard isFull.value, case .execute(let requests) = call.kind else { return .none }
            let isFirst = requests.contains { request in
                if case .deliver(let delivery) = request { delivery.record.key == Key(1) } else { false }
            }
            return isFirst ? .before() : .none
        }
        let c = try Market(try await pair.fleet.server("c", store: near))
        try await c.seat(3)
        try await c.seat(1)
        let first = try await c.players.open(Key(1))
        let second = try await c.players.open(Key(3))
        _ = try await pair.b.players.open(Key(2))
        pair.isStalled.value = true
        isFull.value = true
        let outcome = try await c.ring([1, 3, 2], coins: 10, id: "t", timeout: .seconds(2))
        guard case .aborted(let abort) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(abort.cause == .timedOut)
        let refund = try OperationID("trade:t:refund")
        #expect(try await pair.store.operation(refund, of: second.id) != nil)
        isFull.value = false
        #expect(await eventually { first.document.coins == 100 && second.document.coins == 100 })
        pair.isStalled.value = false
        for market in [pair.a, pair.b, c] { try await market.server.drain() }
    }

    @Test("a partner who leaves with her leg pending is taken over by the server that waits for her")
    func partnerLeaves() async throws {
        let pair = try await Pair()
        let (seller, buyer) = (try await pair.a.players.open(Key(1)), try await pair.b.players.open(Key(2)))
        pair.isStalled.value = true
        async let outcome = pair.a.sell("sword", for: 30, from: 1, to: 2, id: "t")
        #expect(try await eventually { try await pair.pendingTrades() == 1 })
        try await buyer.close()
        #expect(try await outcome == .committed)
        #expect(await eventually { seller.document.coins == 30 })
        #expect(try await eventually { try await pair.a.players.read(Key(2))?.document.inventory == ["sword"] })
        try await pair.b.server.drain()
        try await pair.a.server.drain()
    }
}
