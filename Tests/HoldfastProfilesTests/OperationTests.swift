import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Operations and transactions", .timeLimit(.minutes(10)))
struct OperationTests {
    @Test("an operation delivered while away is applied at the next open, once, with its receipt")
    func whileAway() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let id = "match:9:reward"
        #expect(try await a.players.deliver(GrantCoins(coins: 250), to: Key(1), id: id) == .delivered)
        #expect(try await a.players.deliver(GrantCoins(coins: 250), to: Key(1), id: id) == .duplicate(.pending))
        #expect(try await a.players.deliver(GrantCoins(coins: 1), to: Key(1), id: id) == .conflict)
        try await a.players.withSession(for: Key(1)) { #expect($0.document.coins == 250) }
        let record = RecordID(collection: a.players.name, key: Key(1))
        #expect(try await fleet.store.operation(OperationID(id), of: record)?.state == .applied)
        try await a.players.withSession(for: Key(1)) { #expect($0.document.coins == 250) }
        #expect(try await a.players.deliver(GrantCoins(coins: 250), to: Key(1), id: id) == .duplicate(.applied))
        try await a.drain()
    }

    @Test("an operation for a profile that is live on another server reaches it without a hop")
    func online() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let session = try await a.players.open(Key(1))
        for number in 1...10 {
            _ = try await b.players.deliver(GrantCoins(coins: number), to: Key(1), id: "gift:\(number)")
        }
        #expect(await eventually { session.document.coins == 55 })
        let record = RecordID(collection: a.players.name, key: Key(1))
        #expect(
            try await eventually {
                try await fleet.store.operations(of: record, after: 0, limit: 100).allSatisfy { $0.state == .applied }
            }
        )
        #expect(session.document.rewards == 10)
        try await session.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("hints that come while the store is slow gather: one query at a time, and all operations arrive")
    func manyHints() async throws {
        let isSlow = Flag()
        let queries = Mutex((now: 0, most: 0))
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            guard case .operations = call.kind, isSlow.value else { return .none }
            queries.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            _ = await eventually { !isSlow.value }
            queries.withLock { $0.now -= 1 }
            return .none
        }
        let fleet = try await Fleet(store: memory)
        let (a, b) = (try await fleet.server("a", store: store), try await fleet.server("b"))
        let session = try await a.players.open(Key(1))
        isSlow.value = true
        for number in 1...40 {
            _ = try await b.players.deliver(GrantCoins(coins: 1), to: Key(1), id: "gift:\(number)")
        }
        #expect(await eventually { queries.withLock { $0.now > 0 } })
        isSlow.value = false
        #expect(await eventually { session.document.coins == 40 })
        #expect(queries.withLock { $0.most } == 1)
        try await session.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("an operation that keeps failing becomes a dead letter and holds nobody up")
    func deadLetter() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let record = RecordID(collection: a.players.name, key: Key(1))
        let session = try await a.players.open(Key(1))
        _ = try await a.players.deliver(GrantCoins(coins: -1), to: Key(1), id: "bad")
        _ = try await a.players.deliver(GrantCoins(coins: 5), to: Key(1), id: "good")
        #expect(await eventually { session.document.coins == 5 })
        #expect(
            try await eventually {
                try await fleet.store.operation(OperationID("bad"), of: record)?.state == .dead
            }
        )
        let dead = try await fleet.store.operation(OperationID("bad"), of: record)
        #expect(dead?.attempts == 10 && dead?.lastError != nil)
        try await session.close()
        try await a.drain()
    }

    @Test("a transaction changes both profiles in one commit, or neither")
    func transaction() async throws {
        struct TooPoor: Error {}
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let (one, two) = (try await a.players.open(Key(1)), try await a.players.open(Key(2)))
        try one.edit { $0.coins = 100 }
        let receipts = try await a.coordinator.transaction(one, two) { from, to in
            from.coins -= 30
            to.coins += 30
        }.receipts
        #expect(receipts.map(\.version) == [1, 1])
        #expect(one.document.coins == 70 && two.document.coins == 30)
        await #expect(throws: TooPoor.self) {
            try await a.coordinator.transaction(one, two) { from, to in
                from.coins -= 1_000
                to.coins += 1_000
                guard from.coins >= 0 else { throw TooPoor() }
            }
        }
        #expect(one.document.coins == 70 && two.document.coins == 30)
        try one.edit { $0.coins += 1 }
        try await one.close()
        try await two.close()
        #expect(try await a.players.read(Key(1))?.document.coins == 71)
        #expect(try await a.players.read(Key(2))?.document.coins == 30)
        try await a.drain()
    }

    @Test("a transaction with a superseded side changes nothing, and the other side keeps its own edits")
    func refusedTransaction() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let (one, two) = (try await a.players.open(Key(1)), try await a.players.open(Key(2)))
        try one.edit { $0.coins = 100 }
        _ = try await fleet.store.raiseFence(of: two.id)
        await #expect {
            try await a.coordinator.transaction(one, two) { from, to in
                from.coins -= 30
                to.coins += 30
            }
        } throws: { ($0 as? ProfileError)?.code == .fenced }
        #expect(one.document.coins == 100 && !one.isEnded)
        #expect(two.isEnded)
        try await one.close()
        #expect(try await a.players.read(Key(1))?.document.coins == 100)
        #expect(try await a.players.read(Key(2)) == nil)
        try await a.drain()
    }

    @Test("many crossing transactions neither deadlock nor create or destroy")
    func crossingTransactions() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        var sessions: [Session<Player>] = []
        for key in 0..<6 {
            let session = try await a.players.open(Key(key))
            try session.edit { $0.coins = 100 }
            sessions.append(session)
        }
        let open = sessions
        await withTaskGroup(of: Void.self) { group in
            for round in 0..<60 {
                group.addTask {
                    let (from, to) = (open[round % 6], open[(round * 5 + 1) % 6])
                    guard from !== to else { return }
                    _ = try? await a.coordinator.transaction(from, to) { from, to in
                        from.coins -= round
                        to.coins += round
                    }
                }
            }
        }
        for session in open { try await session.close() }
        var sum = 0
        for key in 0..<6 { sum += try await a.players.read(Key(key))?.document.coins ?? 0 }
        #expect(sum == 600)
        try await a.drain()
    }
}
