import Dispatch
import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Hooks of a collection", .timeLimit(.minutes(10)))
struct HookTests {
    /// Notes the hooks that failed.
    private final class Failures: SessionObserver {
        let hooks = Log<SessionHook>()
        func hookFailed(_ id: RecordID, hook: SessionHook, error: any Error) { hooks.add(hook) }
    }

    private struct Broken: Error {}

    /// A server with one collection and its failures.
    private func server(
        _ id: String = "a", of fleet: Fleet, _ change: (inout CollectionOptions<Player>) -> Void
    ) async throws -> (server: Server, players: ProfileCollection<Player>, failures: Log<SessionHook>) {
        let failures = Failures()
        let server = try await fleet.server(id) { configuration in
            configuration.observer = failures
            configuration.openTimeout = .seconds(60)
            configuration.saveTimeout = .seconds(60)
            configuration.drainTimeout = .seconds(60)
        }
        var options = CollectionOptions<Player> { _ in Player() }
        change(&options)
        let players = try server.coordinator.collection("hooked", of: Player.self, options: options)
        return (server, players, failures.hooks)
    }

    @Test("joining hooks run once a load, in order, before any open returns, and may edit")
    func joining() async throws {
        let fleet = try await Fleet()
        let (server, players, failures) = try await server(of: fleet) { options in
            options.onJoining { session in
                await Task.yield()
                try session.edit { $0.coins += 10 }
            }
            options.onJoining { session in try session.edit { $0.coins *= 2 } }
        }
        let sessions = try await withThrowingTaskGroup(of: Session<Player>.self) { group in
            for _ in 0..<5 { group.addTask { try await players.open(Key(1)) } }
            return try await group.reduce(into: [Session<Player>]()) { all, session in
                #expect(session.document.coins == 20)
                all.append(session)
            }
        }
        for session in sessions { try await session.close() }
        try await players.withSession(for: Key(1)) { #expect($0.document.coins == 60) }
        #expect(failures.all.isEmpty)
        try await server.drain()
    }

    @Test("a joining hook that throws or never returns is reported and does not keep the player out")
    func joiningFails() async throws {
        let gate = Hold()
        defer { gate.open() }
        let fleet = try await Fleet()
        let (server, players, failures) = try await server(of: fleet) { options in
            options.hookTimeout = .seconds(2)
            options.onJoining { _ in throw Broken() }
            options.onJoining { _ in await gate.pass() }
            options.onJoining { session in try session.edit { $0.coins = 1 } }
        }
        try await players.withSession(for: Key(1)) { #expect($0.document.coins == 1) }
        #expect(failures.all == [.joining, .joining])
        try await server.drain()
    }

    @Test("a record whose joining hook is still at work can be handed over")
    func handOverWhileJoining() async throws {
        let (gate, joined) = (Hold(), Flag())
        defer { gate.open() }
        let fleet = try await Fleet()
        let (a, players, _) = try await server(of: fleet) { options in
            options.hookTimeout = .seconds(60)
            options.onJoining { session in
                try session.edit { $0.coins = 5 }
                joined.value = true
                await gate.pass()
            }
        }
        let (b, others, _) = try await server("b", of: fleet) { _ in }
        let opening = Task { try await players.open(Key(1)) }
        #expect(await eventually { joined.value })
        let session = try await others.open(Key(1))
        #expect(session.document.coins == 5)
        #expect(session.opening.origin == .handOver(from: "a"))
        try await session.close()
        opening.cancel()
        gate.open()
        if let late = try? await opening.value { try await late.close() }
        try await a.drain()
        try await b.drain()
    }

    @Test("an operation that waits at the open is saved without asking the game, which has not joined yet")
    func noPushBeforeJoining() async throws {
        let fleet = try await Fleet()
        let (early, joined) = (Flag(), Flag())
        let record = RecordID(collection: try CollectionName("hooked"), key: Key(1))
        let (server, players, failures) = try await server(of: fleet) { options in
            try? options.handle(GrantCoins.self)
            options.onJoining { _ in
                // The operation's receipt is there: its save has been made.
                let isSaved = try await eventually {
                    try await fleet.store.operation(OperationID("gift"), of: record)?.state == .applied
                }
                #expect(isSaved)
                joined.value = true
            }
            options.beforeSave { player in
                if !joined.value { early.value = true }
                player.rewards = 50
            }
        }
        try await players.deliver(GrantCoins(coins: 5), to: Key(1), id: "gift")
        try await players.withSession(for: Key(1)) { session in
            #expect(session.document.coins == 5)
            try await session.save()
            #expect(session.document.rewards == 50)
        }
        #expect(!early.value && failures.all.isEmpty)
        try await server.drain()
    }

    @Test("leaving hooks get the reason, and what they edit is part of the last save")
    func leaving() async throws {
        let ends = Log<SessionEnd>()
        let fleet = try await Fleet()
        let (a, players, failures) = try await server(of: fleet) { options in
            options.onLeaving { session, end in
                ends.add(end)
                try session.edit { $0.inventory.append("\(end)") }
            }
        }
        let (b, others, _) = try await server("b", of: fleet) { _ in }
        try await players.withSession(for: Key(1)) { _ in }
        _ = try await players.open(Key(1))
        let taken = try await others.open(Key(1))
        #expect(taken.document.inventory.count == 2)
        try await taken.close()
        _ = try await players.open(Key(1))
        try await a.drain()
        #expect(ends.all == [.closed, .handedOver(to: "b"), .drained])
        #expect(try await others.read(Key(1))?.document.inventory == ends.all.map { "\($0)" })
        #expect(failures.all.isEmpty)
        try await b.drain()
    }

    @Test("leaving hooks that throw or never return lose no save and do not hang the drain")
    func leavingFails() async throws {
        let gate = Hold()
        defer { gate.open() }
        let fleet = try await Fleet()
        let (server, players, failures) = try await server(of: fleet) { options in
            options.hookTimeout = .seconds(2)
            options.onLeaving { _, _ in throw Broken() }
            options.onLeaving { session, _ in
                try session.edit { $0.rewards = 1 }
                await gate.pass()
            }
        }
        for key in 1...5 { try await players.open(Key(key)).edit { $0.coins = key } }
        try await server.drain()
        #expect(failures.all.count == 10)
        for key in 1...5 {
            let content = try await fleet.store.read(RecordID(collection: players.name, key: Key(key)))?.content
            let json = try CanonicalJSON.parse(try #require(try content?.payload.document()))
            #expect(json.object?["coins"] == .integer(Int64(key)) && json.object?["rewards"] == .integer(1))
        }
    }

    @Test(
        "the game's state is pushed into the document before each save, on schedule too, and unchanged is not written")
    func beforeSave() async throws {
        let coins = Mutex(0)
        let fleet = try await Fleet()
        let (server, players, failures) = try await server(of: fleet) { options in
            options.beforeSave { player in player.coins = coins.withLock { $0 } }
        }
        let session = try await players.open(Key(1))
        coins.withLock { $0 = 3 }
        #expect(try await eventually { try await players.read(Key(1))?.document.coins == 3 })
        // The save whose effect was read may not have been answered yet.
        let version = try await session.save().version
        #expect(try await !session.save().wrote)
        #expect(session.version == version)
        coins.withLock { $0 = 8 }
        try session.edit { $0.rewards = 1 }
        try await session.close()
        let document = try await players.read(Key(1))?.document
        #expect(document?.coins == 8 && document?.rewards == 1)
        #expect(failures.all.isEmpty)
        try await server.drain()
    }

    @Test("a hook before the save that throws or stalls costs what it would have pushed, never the save")
    func beforeSaveFails() async throws {
        let stall = DispatchSemaphore(value: 0)
        let isStalling = Flag()
        let fleet = try await Fleet()
        let (server, players, failures) = try await server(of: fleet) { options in
            options.hookTimeout = .seconds(2)
            options.beforeSave { player in
                player.coins = -1
                throw Broken()
            }
            options.beforeSave { player in
                player.rewards = 9
                if isStalling.value { stall.wait() }
            }
        }
        let session = try await players.open(Key(1))
        try session.edit { $0.coins = 5 }
        try await session.save()
        #expect(try await players.read(Key(1))?.document == Player(coins: 5, rewards: 9))
        isStalling.value = true
        try session.edit { $0.coins = 6 }
        try await session.save()
        try session.edit { $0.coins = 7 }
        try await session.close()
        #expect(try await players.read(Key(1))?.document.coins == 7)
        #expect(failures.all.filter { $0 == .beforeSave }.count >= 3)
        stall.signal()
        try await server.drain()
    }

    @Test("after a save its receipt is told, in order, and the end last of all")
    func afterSave() async throws {
        let told = Log<String>()
        let fleet = try await Fleet()
        let (server, players, failures) = try await server(of: fleet) { options in
            options.afterSave { _, receipt in told.add("version \(receipt.version)") }
            options.onEnded { session, end in told.add("\(end), saved \(session.version)") }
        }
        let session = try await players.open(Key(1))
        for version in 1...3 {
            try session.edit { $0.coins += 1 }
            try await session.save()
            #expect(await eventually { told.all.last == "version \(version)" })
        }
        try session.edit { $0.coins += 1 }
        try await session.close()
        try await server.drain()
        #expect(told.all == ["version 1", "version 2", "version 3", "version 4", "closed, saved 4"])
        #expect(failures.all.isEmpty)
    }

    @Test("a lost session is told as ended, and nothing is asked of it before")
    func lost() async throws {
        let (left, ended) = (Log<SessionEnd>(), Log<SessionEnd>())
        let fleet = try await Fleet()
        let (server, players, _) = try await server(of: fleet) { options in
            options.onLeaving { _, end in left.add(end) }
            options.onEnded { _, end in ended.add(end) }
        }
        let session = try await players.open(Key(1))
        _ = try await fleet.store.raiseFence(of: session.id)
        try session.edit { $0.coins = 1 }
        _ = try? await session.save()
        #expect(await eventually { ended.all == [.lost(.superseded)] })
        #expect(left.all.isEmpty)
        try await server.drain()
    }
}
