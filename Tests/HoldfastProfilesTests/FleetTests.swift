import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Several servers", .timeLimit(.minutes(10)))
struct FleetTests {
    /// For one server alone whose leases are to run out.
    private static let quick = DeploymentTimings(leaseMillis: 600, renewMillis: 150, beatMillis: 40)

    @Test("a hop hands the unsaved document over, and the old session says where it went")
    func handOver() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let first = try await a.players.open(Key(1))
        try first.edit { $0.coins = 42 }
        let second = try await b.players.open(Key(1))
        #expect(second.document.coins == 42)
        #expect(second.opening.origin == .handOver(from: "a"))
        #expect(await first.waitUntilEnded() == .handedOver(to: "b"))
        #expect(throws: ProfileError.self) { try first.edit { $0.coins = 0 } }
        #expect(second.token > first.token)
        try await second.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("a crashed server's record is taken over as soon as its beat is gone, long before the lease ends")
    func takeOver() async throws {
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 600_000, renewMillis: 10_000, beatMillis: 200), beatsToLive: 3
        )
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let first = try await a.players.open(Key(1))
        try first.edit { $0.coins = 42 }
        try await first.save()
        await a.crash()
        let second = try await b.players.open(Key(1))
        #expect(second.document.coins == 42)
        #expect(second.opening.origin == .takeOver(from: "a"))
        try await second.close()
        try await b.drain()
    }

    @Test("an open that does not wait never takes a live session away, even where Redis has forgotten its lease")
    func quietOpenAfterFlush() async throws {
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 60_000, renewMillis: 20_000, beatMillis: 5_000)
        )
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let session = try await a.players.open(Key(1))
        // The leases are gone and the beats are back; the holder finds out with its own next beat.
        let beats = try await fleet.backend.servers()
        fleet.backend.flush()
        for beat in beats { _ = try await fleet.backend.beat(beat, timeToLive: .seconds(60)) }
        await #expect {
            try await b.players.open(Key(1), waits: false)
        } throws: { ($0 as? ProfileError)?.code == .held && "\($0)".contains("server a") }
        #expect(!session.isEnded)
        try session.edit { $0.coins = 3 }
        try await session.save()
        try await session.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("a session that was superseded behind its back cannot save, and is told")
    func fencing() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        let first = try await a.players.open(Key(1))
        try first.edit { $0.coins = 1 }
        try await first.save()
        // Everything Redis knew is gone, and the second server comes before the first has noticed.
        let id = first.id
        fleet.backend.flush()
        _ = try await fleet.store.raiseFence(of: id)
        let second = try await b.players.open(Key(1))
        try second.edit { $0.coins = 2 }
        try await second.save()
        try? first.edit { $0.coins = 99 }
        _ = try? await first.save()
        let end = await first.waitUntilEnded()
        #expect(end == .lost(.superseded) || end == .lost(.leaseTaken) || end == .handedOver(to: "b"))
        #expect { try first.edit { $0.coins = 3 } } throws: { ($0 as? ProfileError)?.code == .ended }
        #expect(try await b.players.read(Key(1))?.document.coins == 2)
        #expect(!second.isEnded)
        try await second.close()
        try await a.drain()
        try await b.drain()
    }

    @Test("a hot copy that is damaged costs a read: the open gets what the store has")
    func damagedHotCopy() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let id = RecordID(collection: a.players.name, key: Key(1))
        try await a.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 7 } }
        let owner = Owner(nonce: .random(), server: "x", boot: .random())
        let claim = LeaseClaim(id: id, nonce: owner.nonce)
        let reply = try await fleet.backend.acquire(AcquireRequest(id: id, owner: owner, lease: .seconds(5)))
        guard case .acquired(_, var hot?, _) = reply else {
            Issue.record("there is no hot copy")
            return
        }
        hot.payload[hot.payload.count - 1] ^= 1
        _ = try await fleet.backend.release(claim, hot: hot)
        let session = try await a.players.open(Key(1))
        #expect(session.document.coins == 7)
        try session.edit { $0.coins += 1 }
        try await session.save()
        try await session.close()
        #expect(try await a.players.read(Key(1))?.document.coins == 8)
        try await a.drain()
    }

    @Test("FLUSHALL costs leases, which are taken anew under higher tokens; play and saves go on")
    func flush() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let session = try await a.players.open(Key(1))
        let token = session.token
        fleet.backend.flush()
        #expect(await eventually { session.token > token })
        #expect(!session.isEnded)
        try session.edit { $0.coins = 5 }
        try await session.save()
        try await session.close()
        #expect(try await a.players.read(Key(1))?.document.coins == 5)
        try await a.drain()
    }

    @Test("a Redis outage makes sessions doubtful: every change is saved at once, and all is active again after it")
    func redisOutage() async throws {
        let fleet = try await Fleet(timings: Self.quick, beatsToLive: 3)
        let link = InMemoryCoordinationBackend(sharing: fleet.backend)
        let a = try await fleet.server("a", backend: link) { $0.autosave = .seconds(3_600) }
        let session = try await a.players.open(Key(1))
        link.goOffline()
        #expect(await eventually { session.sessionState == .doubtful })
        try session.edit { $0.coins = 11 }
        #expect(try await eventually { try await a.players.read(Key(1))?.document.coins == 11 })
        link.goOnline()
        #expect(await eventually { session.sessionState == .active })
        try await session.close()
        try await a.drain()
    }

    @Test("a renewal that fails in part leaves those sessions doubtful, and the others are renewed and mended")
    func partOfARenewal() async throws {
        let fleet = try await Fleet(timings: Self.quick, beatsToLive: 3)
        let link = InMemoryCoordinationBackend(sharing: fleet.backend)
        let a = try await fleet.server("a", backend: link)
        let unlucky = try await a.players.open(Key(1))
        let other = try await a.players.open(Key(2))
        link.failRenewals(of: [unlucky.id])
        #expect(await eventually { unlucky.sessionState == .doubtful && other.sessionState == .active })
        let token = other.token
        fleet.backend.flush()
        #expect(await eventually { other.token > token })
        link.failRenewals(of: [])
        #expect(await eventually { unlucky.sessionState == .active && unlucky.token > token })
        try await unlucky.close()
        try await other.close()
        try await a.drain()
    }

    @Test("a store outage keeps the session and its edits; the save succeeds once the store is back")
    func storeOutage() async throws {
        let isDown = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { _ in isDown.value ? .before() : .none }
        let fleet = try await Fleet(store: store)
        let a = try await fleet.server("a") { $0.saveTimeout = .milliseconds(300) }
        let session = try await a.players.open(Key(1))
        isDown.value = true
        try session.edit { $0.coins = 8 }
        await #expect {
            try await session.save()
        } throws: { ($0 as? ProfileError)?.isRetriable == true }
        await #expect(throws: ProfileError.self) { try await a.players.open(Key(2), timeout: .milliseconds(300)) }
        #expect(!session.isEnded && session.document.coins == 8)
        isDown.value = false
        #expect(try await eventually { try await a.players.read(Key(1))?.document.coins == 8 })
        try await untilInTime { try await session.close() }
        try await a.drain()
    }

    @Test("a lost answer of a commit is settled by its save id: written once, acknowledged once")
    func ambiguousSave() async throws {
        let failures = Counter()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            call.isGroup && failures.next() % 3 == 1 ? .after() : .none
        }
        let fleet = try await Fleet(store: store)
        let a = try await fleet.server("a")
        let session = try await a.players.open(Key(1))
        for coins in 1...20 {
            try session.edit { $0.coins = coins }
            let receipt = try await session.save()
            #expect(receipt.version == Int64(coins))
        }
        #expect(fleet.journal.entry.ambiguous > 0)
        try await session.close()
        #expect(try await memory.read(session.id)?.version == 20)
        try await a.drain()
    }

    @Test("a drain saves and releases everything, refuses opens, and takes the beat away last")
    func drain() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        var sessions: [Session<Player>] = []
        for key in 1...50 {
            let session = try await a.players.open(Key(key))
            try session.edit { $0.coins = key }
            sessions.append(session)
        }
        try await a.drain()
        for (key, session) in zip(1..., sessions) {
            #expect(await session.waitUntilEnded() == .drained)
            #expect(try await a.players.read(Key(key))?.document.coins == key)
            #expect(try await fleet.backend.inspect(session.id) == nil)
        }
        #expect(try await fleet.backend.server("a") == nil)
        await #expect(throws: ProfileError.self) { try await a.players.open(Key(1), timeout: .milliseconds(50)) }
    }

    @Test("a drain whose store is down ends at its deadline and names who missed it")
    func drainDeadline() async throws {
        let isDown = Flag()
        let store = FailingStore(InMemoryStore(deployment: "test")) { _ in isDown.value ? .before() : .none }
        let fleet = try await Fleet(store: store)
        let a = try await fleet.server("a") { $0.drainTimeout = .milliseconds(300) }
        let session = try await a.players.open(Key(7))
        isDown.value = true
        try session.edit { $0.coins = 1 }
        await #expect {
            try await a.drain()
        } throws: { error in
            (error as? ProfileError)?.code == .drainIncomplete && "\(error)".contains("players/7")
        }
        #expect(session.isEnded)
    }

    @Test("a server of another deployment is refused, and so are other times")
    func wrongDeployment() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let other = InMemoryStore(deployment: "test")
        _ = try await other.migrate(fleet.timings)
        await #expect {
            try await fleet.server("b", store: other)
        } throws: { ($0 as? ProfileError)?.code == .wrongDeployment }
        await #expect {
            try await fleet.server("c") { $0.timings.beatMillis += 1 }
        } throws: { ($0 as? ProfileError)?.code == .wrongDeployment }
        try await a.drain()
    }

    @Test("a Redis that turns out to be another deployment's ends the server, which saves what is open first")
    func foreignRedis() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 5 }
        fleet.backend.flush()
        _ = try await fleet.backend.installDeploymentID(.random())
        await #expect {
            try await a.task.value
        } throws: { ($0 as? ProfileError)?.code == .wrongDeployment }
        #expect(await session.waitUntilEnded() == .drained)
        #expect(try await fleet.store.read(session.id)?.version == 1)
    }

    @Test("a last save that is never answered is given up at the drain's deadline, and named")
    func drainGivesUp() async throws {
        let isSilent = Flag()
        let store = FailingStore(InMemoryStore(deployment: "test")) { call in
            call.isGroup && isSilent.value ? .before(.init(.outcomeUnknown, "silence")) : .none
        }
        let fleet = try await Fleet(store: store)
        let a = try await fleet.server("a") { $0.drainTimeout = .milliseconds(300) }
        let session = try await a.players.open(Key(7))
        isSilent.value = true
        try session.edit { $0.coins = 1 }
        await #expect {
            try await a.drain()
        } throws: { ($0 as? ProfileError)?.code == .drainIncomplete }
        #expect(session.isEnded)
        // Lost by the end of the server, with a change that nobody has.
        await #expect(throws: ProfileError.self) { try await session.close() }
    }

    @Test("an open that meets a close gets a session that lives, or waits for the next one")
    func closeMeetsOpen() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        for _ in 0..<100 {
            let first = try await a.players.open(Key(1))
            async let closed: Void = first.close()
            let second = try await a.players.open(Key(1))
            try second.edit { $0.coins += 1 }
            try await closed
            try await second.close()
        }
        #expect(try await a.players.read(Key(1))?.document.coins == 100)
        try await a.drain()
    }

    @Test("a server that is asked to stop before it reached Redis or the store stops")
    func stopBeforeStart() async throws {
        let store = FailingStore(InMemoryStore(deployment: "test")) { _ in .before() }
        let coordinator = try Coordinator(
            configuration: .init(serverID: "early"), backend: InMemoryCoordinationBackend(), store: store
        )
        let task = Task { try await coordinator.run() }
        coordinator.requestDrain()
        try await task.value
    }

    @Test("a refused save after a lost answer is reported as unknown, never as refused")
    func unknownRatherThanFailed() async throws {
        let isLost = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.losingAnswer(of: memory, when: isLost)
        let fleet = try await Fleet(store: memory)
        let a = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let session = try await a.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        isLost.value = true
        let saving = Task { try await session.save() }
        // The commit is on disk before its answer is lost; then another server comes and saves.
        #expect(try await eventually { try await memory.read(session.id)?.version == 1 })
        _ = try await memory.raiseFence(of: session.id)
        let outcome = await saving.result
        switch outcome {
        case .success(let receipt): #expect(receipt.version == 1)
        case .failure(let error): #expect((error as? ProfileError)?.code == .outcomeUnknown)
        }
        #expect(fleet.journal.entry.refused.isEmpty)
        await a.crash()
    }
}
