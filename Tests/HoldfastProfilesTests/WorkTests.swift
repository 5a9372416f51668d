import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Work on profiles in the background", .timeLimit(.minutes(2)))
struct WorkTests {
    @Test("work on one profile is done in order, on others in between, and each piece is durable when it is told done")
    func order() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        var work: [EnqueuedWork] = []
        for number in 0..<10 {
            for key in 1...3 {
                work.append(
                    try server.players.enqueue(Key(key)) { session in
                        await Task.yield()
                        try session.edit { $0.inventory.append("\(number)") }
                    })
            }
        }
        for piece in work { try await piece.value() }
        for key in 1...3 {
            #expect(
                try await server.players.read(Key(key))?.document.inventory == (0..<10).map { "\($0)" })
        }
        try await server.coordinator.work.drain(timeout: .seconds(60))
        try await server.drain()
    }

    @Test("an emergency goes before other profiles, in the order of its own; discarding leaves emergencies where asked")
    func emergencies() async throws {
        let (gate, begun) = (Hold(), Flag())
        defer { gate.open() }
        let done = Log<String>()
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.workAtOnce = 1 }
        let players = server.players
        let first = try players.enqueue(Key(1)) { _ in
            begun.value = true
            await gate.pass()
        }
        #expect(await eventually(within: .seconds(30)) { begun.value })
        let other = try players.enqueue(Key(2)) { _ in done.add("other") }
        let normal = try players.enqueue(Key(1)) { _ in done.add("normal") }
        let emergency = try players.enqueue(Key(1), priority: .emergency) { _ in done.add("emergency") }
        let work = server.coordinator.work
        #expect(work.count == 3)
        gate.open()
        for piece in [first, normal, other, emergency] { try await piece.value() }
        #expect(done.all == ["normal", "emergency", "other"])

        let (second, restarted) = (Hold(), Flag())
        defer { second.open() }
        try players.enqueue(Key(1)) { _ in
            restarted.value = true
            await second.pass()
        }
        #expect(await eventually(within: .seconds(30)) { restarted.value })
        let dropped = try players.enqueue(Key(2)) { _ in done.add("dropped") }
        let kept = try players.enqueue(Key(3), priority: .emergency) { _ in done.add("kept") }
        #expect(work.discard(.allButEmergencies) == 1)
        await #expect {
            try await dropped.value()
        } throws: { ($0 as? ProfileError)?.code == .cancelled }
        await #expect {
            try await work.drain(timeout: .milliseconds(20))
        } throws: { ($0 as? ProfileError)?.code == .deadline }
        second.open()
        try await kept.value()
        try await work.drain(timeout: .seconds(60))
        #expect(done.all.last == "kept" && work.discard(.all) == 0)
        try await server.drain()
    }

    @Test("work outlasts an outage; what it throws is told and not repeated")
    func failures() async throws {
        struct Broken: Error {}
        let isDown = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in isDown.value && call.isGroup ? .before() : .none }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store) { $0.openTimeout = .milliseconds(50) }
        isDown.value = true
        let patient = try server.players.enqueue(Key(1)) { try $0.edit { $0.coins = 1 } }
        let failed = try server.players.enqueue(Key(2), timeout: .milliseconds(100)) { _ in }
        await #expect {
            try await failed.value()
        } throws: { ($0 as? ProfileError)?.isRetriable == true }
        isDown.value = false
        try await patient.value()
        #expect(try await server.players.read(Key(1))?.document.coins == 1)

        let calls = Counter()
        let broken = try server.players.enqueue(Key(1)) { session in
            _ = calls.next()
            try session.edit { $0.coins = 2 }
            throw Broken()
        }
        await #expect {
            try await broken.value()
        } throws: { ($0 as? ProfileError)?.underlying is Broken }
        #expect(calls.next() == 1)
        #expect(try await server.players.read(Key(1))?.document.coins == 2)
        try await server.drain()
    }

    @Test("work has a deadline: what has not begun by then never does, what has goes on; the queue has a bound")
    func deadlines() async throws {
        let (gate, begun, ran) = (Hold(), Flag(), Flag())
        defer { gate.open() }
        let server = try await Fleet().server("a") { $0.workAtOnce = 1 }
        let slow = try server.players.enqueue(Key(1), timeout: .milliseconds(500)) { _ in
            begun.value = true
            await gate.pass()
        }
        guard await eventually(within: .seconds(30), { begun.value }) else {
            // The machine stood still for the whole of its deadline.
            return try await server.drain()
        }
        let late = try server.players.enqueue(Key(2), timeout: .milliseconds(20)) { _ in ran.value = true }
        await #expect {
            try await late.value()
        } throws: { ($0 as? ProfileError)?.code == .deadline }
        await #expect {
            try await slow.value()
        } throws: { ($0 as? ProfileError)?.code == .outcomeUnknown }

        for number in 0..<WorkQueue.maximumCount { try server.players.enqueue(Key(number)) { _ in } }
        #expect { try server.players.enqueue(Key(1)) { _ in } } throws: { ($0 as? ProfileError)?.code == .busy }
        #expect(server.coordinator.work.discard(.all) == WorkQueue.maximumCount)
        gate.open()
        try await server.coordinator.work.drain(timeout: .seconds(60))
        #expect(!ran.value)
        try await server.drain()
    }

    @Test("a drain refuses what has not begun, and work that hangs keeps no server from stopping")
    func shutdown() async throws {
        let (gate, begun) = (Hold(), Flag())
        defer { gate.open() }
        let server = try await Fleet().server("a") { $0.workAtOnce = 1 }
        let hanging = try server.players.enqueue(Key(1)) { _ in
            begun.value = true
            await gate.pass()
        }
        #expect(await eventually(within: .seconds(30)) { begun.value })
        let waiting = try server.players.enqueue(Key(2)) { _ in }
        try await server.drain()
        await #expect {
            try await waiting.value()
        } throws: { ($0 as? ProfileError)?.code == .shuttingDown }
        await #expect {
            try await hanging.value()
        } throws: { ($0 as? ProfileError)?.code == .outcomeUnknown }
        #expect { try server.players.enqueue(Key(1)) { _ in } } throws: { ($0 as? ProfileError)?.code == .shuttingDown }
    }
}
