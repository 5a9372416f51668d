import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Updates of a profile wherever it is", .timeLimit(.minutes(2)))
struct UpdateTests {
    @Test("a profile that is offline, open here or live elsewhere is changed, saved and released")
    func everywhere() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let offline = try await a.players.update(Key(1)) { player in
            player.coins += 1
            return player.coins
        }
        #expect(offline == 1)
        let here = try await a.players.open(Key(1))
        try await a.players.update(Key(1), reason: "bonus") { $0.coins += 1 }
        #expect(here.document.coins == 2 && !here.isEnded && here.audit.last?.reason == "bonus")
        #expect(try await a.players.read(Key(1))?.document.coins == 2)
        try here.edit { $0.rewards = 9 }
        try await b.players.update(Key(1), timeout: .seconds(30)) { $0.coins += 1 }
        #expect(await here.waitUntilEnded() == .handedOver(to: "b"))
        #expect(try await b.players.read(Key(1))?.document == Player(coins: 3, rewards: 9))
        #expect(try await fleet.backend.inspect(here.id) == nil)
        try await a.drain()
        try await b.drain()
    }

    @Test("a closure that throws changes nothing and leaves no lease")
    func refused() async throws {
        struct TooPoor: Error {}
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        await #expect(throws: TooPoor.self) {
            try await server.players.update(Key(1)) { player in
                player.coins = -5
                throw TooPoor()
            }
        }
        #expect(try await server.players.read(Key(1)) == nil)
        let id = RecordID(collection: server.players.name, key: Key(1))
        #expect(try await fleet.backend.inspect(id) == nil)
        try await server.drain()
    }

    @Test("a caller who is cancelled while a transaction uses the profile gets a typed error")
    func cancelled() async throws {
        let gate = Hold()
        defer { gate.open() }
        let memory = InMemoryStore(deployment: "test")
        let isCommitting = Flag()
        let store = FailingStore.meetingCommits(of: memory) { commit in
            guard commit.writes.count == 2 else { return .none }
            isCommitting.value = true
            await gate.pass()
            return .none
        }
        let server = try await Fleet(store: memory).server("a", store: store) { $0.autosave = .seconds(3_600) }
        let (one, two) = (try await server.players.open(Key(1)), try await server.players.open(Key(2)))
        let trade = Task { try await server.coordinator.transaction(one, two) { $0.coins += $1.coins + 1 }.receipts }
        #expect(await eventually { isCommitting.value })
        let update = Task { try await server.players.update(Key(1)) { $0.coins += 10 } }
        update.cancel()
        await #expect {
            try await update.value
        } throws: { ($0 as? ProfileError)?.code == .cancelled }
        gate.open()
        _ = try await trade.value
        #expect(one.document.coins == 1)
        try await one.close()
        try await two.close()
        try await server.drain()
    }

    @Test("operations of an edit are delivered by its save, or not at all")
    func outbox() async throws {
        struct Refused: Error {}
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let receiver = try await b.players.open(Key(2))
        try await a.players.update(
            Key(1),
            delivering: { player, outbox in
                player.coins += 100
                try outbox.deliver(GrantCoins(coins: 5), to: Key(2), in: a.players, id: "referral:1")
            })
        #expect(await eventually(within: .seconds(30)) { receiver.document.coins == 5 })
        let sender = try await a.players.open(Key(1))
        #expect(throws: Refused.self) {
            try sender.edit { _, outbox in
                try outbox.deliver(GrantCoins(coins: 5), to: Key(2), in: a.players, id: "referral:2")
                throw Refused()
            }
        }
        // Delivered although the document itself is not changed.
        try sender.edit { _, outbox in
            try outbox.deliver(GrantCoins(coins: 7), to: Key(2), in: a.players, id: "referral:3")
        }
        try await sender.save()
        let record = receiver.id
        #expect(try await fleet.store.operation(OperationID("referral:2"), of: record) == nil)
        #expect(await eventually(within: .seconds(30)) { receiver.document.coins == 12 })
        try await sender.close()
        try await receiver.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("an update that the store cannot confirm says so, and the session goes on trying")
    func unconfirmed() async throws {
        let isDown = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            guard isDown.value, case .execute(let group) = call.kind else { return .none }
            let hasCommit = group.contains { if case .commit = $0 { true } else { false } }
            return hasCommit ? .before() : .none
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store)
        isDown.value = true
        await #expect {
            try await server.players.update(Key(1), timeout: .milliseconds(300)) { $0.coins = 4 }
        } throws: { ($0 as? ProfileError)?.code == .outcomeUnknown }
        isDown.value = false
        #expect(
            try await eventually(within: .seconds(30)) { try await server.players.read(Key(1))?.document.coins == 4 })
        try await server.drain()
    }
}
