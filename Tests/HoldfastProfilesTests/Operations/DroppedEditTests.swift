import HoldfastProfiles
import HoldfastStorage
import Testing

/// Operations that are cancelled elsewhere while a session's commit of them is under way.
@Suite("Edits that were built on a cancelled operation", .timeLimit(.minutes(10)))
struct DroppedEditTests {
    /// A server whose commit of one operation waits for a word, and then finds it cancelled.
    private struct Scene {
        let fleet: Fleet
        let server: Server
        let shop: ProfileCollection<Player>
        /// Lets that commit go on.
        let gate = Hold()
        /// Lets the first commit of anything else go on, where it is held up.
        let first = Hold()
        let firstHasBegun = Flag()

        init(
            cancelling id: String = "bad", holdsFirst: Bool = false,
            change: (inout CollectionOptions<Player>) -> Void = { _ in }
        ) async throws {
            let memory = InMemoryStore(deployment: "test")
            let store = FailingStore.meetingCommits(of: memory) { [gate, first, firstHasBegun] commit in
                if commit.settles(id) {
                    await gate.pass()
                    await memory.cancel(id)
                } else if holdsFirst, !firstHasBegun.value {
                    firstHasBegun.value = true
                    await first.pass()
                }
                return .none
            }
            fleet = try await Fleet(store: memory)
            server = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
            shop = try server.shop(change: change)
        }
    }

    /// A session with an edit of its own, the effect of `bad`, and an edit that stands on it.
    private func built(_ scene: Scene) async throws -> Session<Player> {
        let session = try await scene.shop.open(Key(1))
        try session.edit { $0.rewards = 7 }
        try await scene.shop.deliver(PayWages(days: 1), to: Key(1), id: "bad")
        #expect(await eventually { session.document.coins == 10 })
        try session.edit { $0.inventory = ["bought for \($0.coins)"] }
        return session
    }

    @Test("a save throws, saves everything else, and the next one is as any other")
    func save() async throws {
        let scene = try await Scene()
        let session = try await built(scene)
        let saving = Task { try await session.save() }
        scene.gate.open()
        let error = await #expect(throws: ProfileError.self) { try await saving.value }
        #expect(error?.code == .dropped)
        #expect(session.document == Player(coins: 0, inventory: [], rewards: 7))
        #expect(try await scene.shop.read(Key(1))?.document == session.document)
        try await session.save()
        try await session.close()
        try await scene.server.drain()
    }

    @Test("a close throws, and has saved and released the rest")
    func close() async throws {
        let scene = try await Scene()
        let session = try await built(scene)
        let closing = Task { try await session.close() }
        scene.gate.open()
        let error = await #expect(throws: ProfileError.self) { try await closing.value }
        #expect(error?.code == .dropped && session.isEnded)
        let stored = try #require(await scene.shop.read(Key(1)))
        #expect(stored.document == Player(coins: 0, inventory: [], rewards: 7) && stored.owner == nil)
        try await scene.server.drain()
    }

    @Test("a hand-over between the edit and the close does not hide it")
    func handedOver() async throws {
        let scene = try await Scene()
        let session = try await built(scene)
        let other = try await scene.fleet.server("b")
        let opening = Task { try await other.shop().open(Key(1)) }
        scene.gate.open()
        let next = try await opening.value
        #expect(next.document == Player(coins: 0, inventory: [], rewards: 7))
        let error = await #expect(throws: ProfileError.self) { try await session.close() }
        #expect(error?.code == .dropped)
        try await next.close()
        try await scene.server.drain()
        try await other.drain()
    }

    @Test("an update is told of its own change alone")
    func update() async throws {
        let scene = try await Scene()
        let session = try await scene.shop.open(Key(1))
        try await scene.shop.deliver(PayWages(days: 1), to: Key(1), id: "bad")
        #expect(await eventually { session.document.coins == 10 })
        let dropped = Task { try await scene.shop.update(Key(1)) { $0.inventory = ["built"] } }
        #expect(await eventually { session.document.inventory == ["built"] })
        scene.gate.open()
        let error = await #expect(throws: ProfileError.self) { try await dropped.value }
        #expect(error?.code == .dropped)
        // The session's own handle has not been told yet; what is done now is not concerned.
        try await scene.shop.update(Key(1)) { $0.rewards += 1 }
        #expect(session.document == Player(coins: 0, inventory: [], rewards: 1))
        let late = await #expect(throws: ProfileError.self) { try await session.close() }
        #expect(late?.code == .dropped)
        #expect(try await scene.shop.read(Key(1))?.document.rewards == 1)
        try await scene.server.drain()
    }

    @Test("edits from before the operation stay, also those that were made while a save was under way")
    func before() async throws {
        let scene = try await Scene(holdsFirst: true)
        let (fleet, shop) = (scene.fleet, scene.shop)
        let other = try await fleet.server("b")
        let session = try await shop.open(Key(1))
        try session.edit { $0.rewards = 1 }
        let saving = Task { try await session.save() }
        #expect(await eventually { scene.firstHasBegun.value })
        try session.edit { $0.rewards = 2 }
        try await other.shop().deliver(PayWages(days: 1), to: Key(1), id: "bad")
        #expect(await eventually { session.document.coins == 10 })
        scene.first.open()
        _ = try await saving.value
        scene.gate.open()
        try await session.close()
        #expect(try await shop.read(Key(1))?.document == Player(coins: 0, inventory: [], rewards: 2))
        try await scene.server.drain()
        try await other.drain()
    }

    @Test("the end of an operation that had left nothing in the document costs no edit")
    func withoutEffect() async throws {
        let scene = try await Scene(cancelling: "locked")
        let shop = scene.shop
        try await shop.deliver(OpenChest(coins: 5), to: Key(1), id: "locked")
        let session = try await shop.open(Key(1))
        try session.edit { $0.rewards = 3 }
        let saving = Task { try await session.save() }
        scene.gate.open()
        _ = try await saving.value
        try await session.close()
        #expect(try await shop.read(Key(1))?.document.rewards == 3)
        #expect(try await shop.state("locked") == .cancelled)
        try await scene.server.drain()
    }

    @Test("what the game pushes is in the last save, also where the operation before it is refused")
    func pushedState() async throws {
        let level = Counter()
        let scene = try await Scene(holdsFirst: true) { options in
            options.beforeSave { $0.rewards = level.next() + 1 }
        }
        let (fleet, shop) = (scene.fleet, scene.shop)
        scene.gate.open()
        let other = try await fleet.server("b")
        let session = try await shop.open(Key(1))
        let saving = Task { try await session.save() }
        #expect(await eventually { scene.firstHasBegun.value })
        try await other.shop().deliver(PayWages(days: 1), to: Key(1), id: "bad")
        #expect(await eventually { session.document.coins == 10 })
        // The last save is the one that meets the cancellation.
        let closing = Task { try await session.close() }
        #expect(await eventually { session.sessionState == .closing })
        scene.first.open()
        _ = try await saving.value
        try await closing.value
        let stored = try #require(await shop.read(Key(1))).document
        #expect(stored.coins == 0 && stored.rewards == level.next())
        try await scene.server.drain()
        try await other.drain()
    }
}
