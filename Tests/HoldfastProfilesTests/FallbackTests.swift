import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Fallback sessions and waiting for a load", .timeLimit(.minutes(2)))
struct FallbackTests {
    /// A server over a store that can be taken away, with one collection that falls back and one that does not.
    private func server(
        of fleet: Fleet, isDown: Flag, change: (inout CollectionOptions<Player>) -> Void = { _ in }
    ) async throws -> (server: Server, players: ProfileCollection<Player>) {
        let store = FailingStore(fleet.store) { call in isDown.value && call.isGroup ? .before() : .none }
        let server = try await fleet.server("a", store: store)
        var options = CollectionOptions<Player> { key in Player(coins: 7, inventory: [key.description]) }
        options.fallback = .unsaved
        change(&options)
        return (server, try server.coordinator.collection("careful", of: Player.self, options: options))
    }

    @Test("an outage at the load gives a marked session on the template that nothing can save")
    func unsaved() async throws {
        let isDown = Flag()
        let fleet = try await Fleet()
        let (server, players) = try await server(of: fleet, isDown: isDown)
        try await players.withSession(for: Key(1)) { try $0.edit { $0.coins = 100 } }
        isDown.value = true
        let session = try await players.open(Key(1), timeout: .milliseconds(100))
        #expect(session.isFallback && session.sessionState == .fallback)
        #expect(session.loadFailure?.code == .unavailable)
        #expect(session.document == Player(coins: 7, inventory: ["1"]))
        try session.edit { $0.coins = 0 }
        #expect(await code { try await session.save() } == .fallback)
        #expect(await code { try await session.delete() } == .fallback)
        isDown.value = false
        let other = try await players.open(Key(2))
        #expect(
            await code { try await server.coordinator.transaction(session, other) { $0.coins += $1.coins } }
                == .fallback)
        #expect(try await players.open(Key(1)) === session)
        #expect(server.coordinator.sessions().first { $0.id == session.id }?.state == .fallback)
        _ = try await players.deliver(Reward(), to: Key(1), id: "while:away")
        try await session.close()
        #expect(!session.isEnded)
        try await session.close()
        #expect(session.isEnded)
        let real = try await players.open(Key(1))
        #expect(!real.isFallback && real.document.coins == 100)
        try await real.close()
        try await other.close()
        try await server.drain()
        #expect(try await fleet.store.read(session.id)?.version == 1)
    }

    private struct Reward: ProfileOperation {
        static let name = "reward"
        func apply(to player: inout Player) { player.rewards += 1 }
    }

    @Test("an operation for a record that is a fallback here is told to its owner at once")
    func hints() async throws {
        let isDown = Flag()
        let fleet = try await Fleet(
            timings: DeploymentTimings(leaseMillis: 600_000, renewMillis: 120_000, beatMillis: 40))
        let (server, players) = try await server(of: fleet, isDown: isDown)
        isDown.value = true
        let fallback = try await players.open(Key(1), timeout: .milliseconds(50))
        isDown.value = false
        #expect(fallback.isFallback)
        let owner = try await fleet.server("b")
        var options = CollectionOptions<Player> { _ in Player() }
        try options.handle(Reward.self)
        let owned = try owner.coordinator.collection("careful", of: Player.self, options: options)
        let session = try await owned.open(Key(1))
        try await players.deliver(Reward(), to: Key(1), id: "gift")
        // The next renewal is minutes away.
        #expect(await eventually { session.document.rewards == 1 })
        try await session.close()
        try await fallback.close()
        try await server.drain()
        try await owner.drain()
    }

    @Test("a fallback holds no lease, takes part in no renewal, and ends with the drain")
    func noLease() async throws {
        let isDown = Flag()
        let fleet = try await Fleet()
        let (server, players) = try await server(of: fleet, isDown: isDown)
        isDown.value = true
        let session = try await players.open(Key(1), timeout: .milliseconds(50))
        isDown.value = false
        let id = session.id
        #expect(try await eventually(within: .seconds(30)) { try await fleet.backend.inspect(id) == nil })
        fleet.backend.flush()
        // Another session is renewed twice meanwhile, so this one has been passed over.
        let other = try await players.open(Key(2))
        let token = other.token
        fleet.backend.flush()
        #expect(await eventually(within: .seconds(30)) { other.token > token })
        #expect(try await fleet.backend.inspect(id) == nil)
        try await server.drain()
        #expect(await session.waitUntilEnded() == .drained)
        #expect(try await fleet.store.read(id) == nil)
    }

    @Test("without being asked for there is no fallback, and never for a damaged document")
    func never() async throws {
        let isDown = Flag()
        let fleet = try await Fleet()
        let (server, players) = try await server(of: fleet, isDown: isDown)
        isDown.value = true
        #expect(await code { _ = try await server.players.open(Key(1), timeout: .milliseconds(50)) } == .unavailable)
        isDown.value = false
        let documents = try server.coordinator.documents("careful2")
        try await documents.withSession(for: Key(1)) { try $0.set("many", at: "coins") }
        var options = CollectionOptions<Player> { _ in Player() }
        options.fallback = .unsaved
        let third = try await fleet.server("b")
        let typed = try third.coordinator.collection("careful2", of: Player.self, options: options)
        #expect(await code { _ = try await typed.open(Key(1)) } == .corrupt)
        #expect(players.session(for: Key(1)) == nil)
        try await server.drain()
        try await third.drain()
    }

    @Test("an outage is waited for also by the first open of a collection that tells older builds of its schema")
    func firstOpen() async throws {
        let isDown = Flag()
        let fleet = try await Fleet()
        let store = FailingStore(fleet.store) { _ in isDown.value ? .before() : .none }
        let server = try await fleet.server("a", store: store)
        var options = CollectionOptions<Player> { _ in Player() }
        try options.migrate(to: 2, compatibleWith: 1) { _ in }
        options.fallback = .unsaved
        let players = try server.coordinator.collection("careful", of: Player.self, options: options)
        isDown.value = true
        let fallback = try await players.open(Key(1), timeout: .milliseconds(50))
        #expect(fallback.isFallback)
        try await fallback.close()
        let opening = Task { try await players.open(Key(1)) }
        #expect(
            await eventually(within: .seconds(30)) {
                if case .retrying = players.loadState(of: Key(1)) { true } else { false }
            })
        isDown.value = false
        let session = try await opening.value
        #expect(!session.isFallback)
        try await session.close()
        try await server.drain()
    }

    @Test("waiting for a load returns the session that somebody else opens, and its failure when that fails")
    func waitUntilLoaded() async throws {
        let isDown = Flag()
        let fleet = try await Fleet()
        let (server, players) = try await server(of: fleet, isDown: isDown) { $0.fallback = .never }
        async let awaited = players.waitUntilLoaded(Key(1), timeout: .seconds(60))
        let session = try await players.open(Key(1))
        #expect(try await awaited === session)
        #expect(try await players.waitUntilLoaded(Key(1)) === session)
        #expect(players.session(for: Key(1)) === session)
        try await session.close()
        #expect(session.isEnded && players.session(for: Key(1)) == nil)
        #expect(
            await code { _ = try await players.waitUntilLoaded(Key(1), timeout: .milliseconds(20)) } == .deadline)
        isDown.value = true
        let opening = Task { try await players.open(Key(2), timeout: .milliseconds(400)) }
        #expect(
            await eventually(within: .seconds(30)) {
                if case .retrying(let error, 1...) = players.loadState(of: Key(2)) {
                    return error.code == .unavailable
                }
                return false
            }
        )
        #expect(await code { _ = try await opening.value } == .unavailable)
        #expect(
            await eventually(within: .seconds(60)) {
                // Whoever comes after the failure waits in vain.
                let waiting = Task { try await players.waitUntilLoaded(Key(2), timeout: .seconds(1)) }
                _ = try? await players.open(Key(2), timeout: .milliseconds(100))
                return await code { _ = try await waiting.value } == .unavailable
            }
        )
        isDown.value = false
        try await server.drain()
    }

    @Test("the state of a load can be seen from absent to released")
    func loadState() async throws {
        let (gate, joined) = (Hold(), Flag())
        defer { gate.open() }
        let fleet = try await Fleet()
        let (server, players) = try await server(of: fleet, isDown: Flag()) { options in
            options.hookTimeout = .seconds(60)
            options.onJoining { _ in
                joined.value = true
                await gate.pass()
            }
        }
        func name(_ state: LoadState) -> String {
            switch state {
            case .absent: "absent"
            case .loading, .retrying: "loading"
            case .joining: "joining"
            case .ready: "ready"
            case .fallback: "fallback"
            case .releasing: "releasing"
            }
        }
        #expect(name(players.loadState(of: Key(1))) == "absent")
        async let opened = players.open(Key(1), timeout: .seconds(60))
        #expect(await eventually(within: .seconds(30)) { joined.value })
        #expect(name(players.loadState(of: Key(1))) == "joining" && players.session(for: Key(1)) == nil)
        gate.open()
        let session = try await opened
        #expect(name(players.loadState(of: Key(1))) == "ready")
        try await session.close()
        #expect(name(players.loadState(of: Key(1))) == "absent")
        try await server.drain()
    }
}
