import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

/// What happens to a session while something else is under way in it.
@Suite("Events that meet a session at work", .timeLimit(.minutes(10)))
struct MeetingTests {
    private func fleet(_ gate: Gate) async throws -> (fleet: Fleet, store: FailingStore) {
        let memory = InMemoryStore(deployment: "test")
        return (try await Fleet(store: memory), FailingStore(memory) { await gate.pass($0) })
    }

    /// A server that saves only when it is told to, so that nothing else waits at a gate.
    private func server(_ id: String, _ fleet: Fleet, _ store: FailingStore) async throws -> Server {
        try await fleet.server(id, store: store) { $0.autosave = .seconds(3_600) }
    }

    @Test("a hand-over that meets a transaction waits for it: the next server gets both effects or none")
    func handOverMeetsTransaction() async throws {
        let gate = Gate()
        let (fleet, store) = try await fleet(gate)
        let (a, b) = (try await server("a", fleet, store), try await fleet.server("b"))
        let (one, two) = (try await a.players.open(Key(1)), try await a.players.open(Key(2)))
        try one.edit { $0.coins = 100 }
        gate.shut()
        let trade = Task {
            try await a.coordinator.transaction(one, two) { from, to in
                from.coins -= 30
                to.coins += 30
            }
        }
        #expect(await eventually { gate.holds })
        #expect {
            try two.edit { $0.coins = 1_000 }
        } throws: { ($0 as? ProfileError)?.code == .busy }
        let hop = Task { try await b.players.open(Key(2)) }
        let asked = try await eventually { try await fleet.backend.inspect(two.id)?.wantedBy == "b" }
        #expect(asked && !two.isEnded)
        gate.open()
        _ = try await trade.value
        let next = try await hop.value
        #expect(next.document.coins == 30)
        #expect(await two.waitUntilEnded() == .handedOver(to: "b"))
        #expect(one.document.coins == 70 && !one.isEnded)
        try await next.close()
        try await one.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("a close and a drain that meet a transaction wait for it")
    func endMeetsTransaction() async throws {
        let gate = Gate()
        let (fleet, store) = try await fleet(gate)
        let a = try await server("a", fleet, store)
        let (one, two) = (try await a.players.open(Key(1)), try await a.players.open(Key(2)))
        gate.shut()
        let trade = Task {
            try await a.coordinator.transaction(one, two) { from, to in
                from.coins -= 30
                to.coins += 30
            }
        }
        #expect(await eventually { gate.holds })
        let close = Task { try await one.close() }
        a.coordinator.requestDrain()
        #expect(await eventually { a.coordinator.isDraining })
        gate.open()
        _ = try await trade.value
        try await close.value
        try await a.task.value
        #expect(try await fleet.store.read(one.id)?.version == 1)
        #expect(try await fleet.store.read(two.id)?.version == 1)
        #expect(try await fleet.backend.inspect(one.id) == nil)
        #expect(try await fleet.backend.inspect(two.id) == nil)
    }

    @Test("a lease that is lost while a save is under way is taken anew after its answer")
    func lossMeetsSave() async throws {
        let gate = Gate()
        let (fleet, store) = try await fleet(gate)
        let a = try await server("a", fleet, store)
        let session = try await a.players.open(Key(1))
        let token = session.token
        try session.edit { $0.coins = 1 }
        gate.shut()
        let save = Task { try await session.save() }
        #expect(await eventually { gate.holds })
        fleet.backend.flush()
        #expect(try await eventually { try await fleet.backend.server("a") != nil })
        gate.open()
        #expect(try await save.value.fence == token)
        #expect(await eventually { session.token > token })
        try session.edit { $0.coins = 2 }
        #expect(try await session.save().version == 2)
        try await session.close()
        try await a.drain()
    }

    @Test("a lease that is lost while the store is away is taken anew once it is back")
    func lossMeetsOutage() async throws {
        let isAway = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in call.isGroup && isAway.value ? .before() : .none }
        let fleet = try await Fleet(store: memory)
        let a = try await fleet.server("a", store: store) { $0.saveTimeout = .milliseconds(200) }
        let session = try await a.players.open(Key(1))
        let token = session.token
        isAway.value = true
        fleet.backend.flush()
        try session.edit { $0.coins = 4 }
        let taken = try await eventually { (try await fleet.backend.inspect(session.id)?.token ?? 0) > token }
        #expect(taken && !session.isEnded && session.token == token)
        isAway.value = false
        #expect(await eventually { session.token > token && session.sessionState == .active })
        #expect(try await untilInTime { try await session.save() }.version == 1)
        try await untilInTime { try await session.close() }
        try await a.drain()
    }

    @Test("a lease that another took: what is unsaved is offered once more under the old fence, then the session ends")
    func takenWithUnsavedChanges() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 9 }
        // Redis forgot the lease and gave it to another, which has not come as far as the store.
        let other = Owner(nonce: .random(), server: "b", boot: .random())
        #expect(
            try await eventually {
                fleet.backend.flush()
                let reply = try await fleet.backend.acquire(
                    AcquireRequest(id: session.id, owner: other, lease: .seconds(60), floor: session.token))
                // The session may have been quicker.
                if case .acquired = reply { return true } else { return false }
            })
        #expect(await session.waitUntilEnded() == .lost(.leaseTaken))
        #expect(try await fleet.store.read(session.id)?.version == 1)
        // The other's lease is left alone.
        #expect(try await fleet.backend.inspect(session.id)?.owner == other)
        try await a.drain()
    }

    @Test("a drain that meets an open ends it, and the lease is given back")
    func drainMeetsOpen() async throws {
        let gate = Gate()
        let (fleet, store) = try await fleet(gate)
        let a = try await server("a", fleet, store)
        gate.shut()
        let opening = Task { try await a.players.open(Key(1)) }
        #expect(await eventually { gate.holds })
        a.coordinator.requestDrain()
        #expect(await eventually { a.coordinator.isDraining })
        gate.open()
        switch await opening.result {
        case .success(let session): #expect(await session.waitUntilEnded() == .drained)
        case .failure(let error): #expect((error as? ProfileError)?.code == .shuttingDown)
        }
        try await a.task.value
        let id = RecordID(collection: a.players.name, key: Key(1))
        #expect(try await fleet.backend.inspect(id) == nil)
    }

    @Test("a close that the store does not take leaves the session open for the next, and loses nothing")
    func openAfterFailedClose() async throws {
        let isAway = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in call.isGroup && isAway.value ? .before() : .none }
        let fleet = try await Fleet(store: memory)
        let a = try await fleet.server("a", store: store) { $0.saveTimeout = .milliseconds(200) }
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 6 }
        isAway.value = true
        await #expect {
            try await session.close()
        } throws: { ($0 as? ProfileError)?.isRetriable == true }
        isAway.value = false
        let again = try await a.players.open(Key(1))
        #expect(again.document.coins == 6)
        try await untilInTime { try await again.close() }
        #expect(try await a.players.read(Key(1))?.document.coins == 6)
        #expect(try await eventually { try await fleet.backend.inspect(session.id) == nil })
        try await a.drain()
    }

    @Test("a deletion whose answer is lost happens once")
    func ambiguousDeletion() async throws {
        let isLost = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.losingAnswer(of: memory, when: isLost)
        let fleet = try await Fleet(store: memory)
        let a = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 6 }
        try await session.save()
        isLost.value = true
        try await session.delete()
        #expect(await session.waitUntilEnded() == .deleted)
        let row = try await memory.read(session.id)
        #expect(row?.content == nil && row?.version == 2)
        #expect(try await fleet.backend.inspect(session.id) == nil)
        try await a.drain()
    }

    @Test("what was lost never passes for saved: a close and a withSession throw what took the session away")
    func lostBeforeClose() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        // Superseded when it closes, and before.
        for isKnown in [false, true] {
            let key = Key(isKnown ? 1 : 2)
            await #expect {
                try await a.players.withSession(for: key) { session in
                    try session.edit { $0.coins = 5 }
                    _ = try await fleet.store.raiseFence(of: session.id)
                    if isKnown { _ = try? await session.save() }
                }
            } throws: { ($0 as? ProfileError)?.code == .fenced }
            #expect(try await a.players.read(key) == nil)
        }
        // Nothing was lost where nothing was changed, or everything was saved.
        try await a.players.withSession(for: Key(3)) { session in
            try session.edit { $0.coins = 5 }
            try await session.save()
            _ = try await fleet.store.raiseFence(of: session.id)
        }
        try await a.drain()
    }

    @Test("a handle that is given up while others stay saves, too")
    func sharedClose() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let other = try await a.players.open(Key(1))
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 5 } }
        #expect(!other.isEnded)
        #expect(try await a.players.read(Key(1))?.document.coins == 5)
        try await other.close()
        try await a.drain()
    }

    @Test("a close during an outage of Redis says saved once the store has it")
    func closeWithoutRedis() async throws {
        let fleet = try await Fleet()
        let link = InMemoryCoordinationBackend(sharing: fleet.backend)
        let a = try await fleet.server("a", backend: link) { $0.saveTimeout = .milliseconds(300) }
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 5 }
        // Calls hang, longer than the close may take.
        link.pause()
        try await untilInTime { try await session.close() }
        #expect(try await a.players.read(Key(1))?.document.coins == 5)
        link.resume()
        try await a.drain()
    }

    @Test("an operation that comes during the last save stays pending, and the next session applies it")
    func operationMeetsClose() async throws {
        let gate = Gate()
        let (fleet, store) = try await fleet(gate)
        let (a, b) = (try await server("a", fleet, store), try await fleet.server("b"))
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        gate.shut()
        let close = Task { try await session.close() }
        #expect(await eventually { gate.holds })
        _ = try await b.players.deliver(GrantCoins(coins: 10), to: Key(1), id: "late")
        gate.open()
        try await close.value
        #expect(try await b.players.read(Key(1))?.document.coins == 1)
        try await b.players.withSession(for: Key(1)) { #expect($0.document.coins == 11) }
        try await a.drain()
        try await b.drain()
    }
}
