import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Scores in the commit of their profile", .timeLimit(.minutes(10)))
struct ProjectionTests {
    private let boards = FakeBoards(["coins", "rank"])

    /// A server whose players show their coins on one board, and their rewards on another once they have some.
    private func server(
        _ fleet: Fleet, _ id: String = "a", store: (any DurableStore)? = nil
    ) async throws -> (Coordinator, ProfileCollection<Player>, Task<Void, any Error>) {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = fleet.timings
        configuration.autosave = .seconds(3_600)
        configuration.boards = boards
        let coordinator = try Coordinator(
            configuration: configuration, backend: InMemoryCoordinationBackend(sharing: fleet.backend),
            store: store ?? fleet.store)
        var options = CollectionOptions<Player> { _ in Player() }
        try options.project(to: "coins") { $0.coins }
        try options.project(to: "rank") { player in
            player.rewards == 0 ? nil : ScorePair(score: Int64(player.rewards), subscore: Int64(player.coins))
        }
        let players = try coordinator.collection("players", of: Player.self, options: options)
        let task = Task { try await coordinator.run() }
        try await coordinator.waitUntilReady()
        return (coordinator, players, task)
    }

    private func row(_ board: String, _ store: any DurableStore) async throws -> ScoreRow? {
        try await store.scores(of: boards.table(board), members: [Key(1)])[0]
    }

    @Test("saves, transactions, the close and the deletion bring scores, once where they differ")
    func followsProfile() async throws {
        let fleet = try await Fleet()
        let (coordinator, players, task) = try await server(fleet)
        let session = try await players.open(Key(1))
        try session.edit { $0.coins = 5 }
        try await session.save()
        #expect(try await row("coins", fleet.store)?.score == 5)
        #expect(try await row("rank", fleet.store) == nil)
        #expect(boards.hints == [boards.table("coins"), boards.table("rank")])
        try session.edit { $0.inventory = ["Sword"] }
        try await session.save()
        #expect(try await row("coins", fleet.store)?.submissions == 1)

        let other = try await players.open(Key(2))
        try await coordinator.transaction(session, other) { one, two in
            one.coins -= 2
            one.rewards = 1
            two.coins += 2
        }
        let sides = try await fleet.store.scores(of: boards.table("coins"), members: [Key(1), Key(2)])
        #expect(sides.map { $0?.score } == [3, 2])
        #expect(try await row("rank", fleet.store)?.subscore == 3)
        try await other.close()

        try session.edit { $0.rewards = 0 }
        try await session.close()
        #expect(try await row("coins", fleet.store)?.score == 3)
        #expect(try await row("rank", fleet.store) == nil)

        let again = try await players.open(Key(1))
        try await again.delete()
        #expect(try await row("coins", fleet.store) == nil)
        task.cancel()
        _ = await task.result
    }

    @Test("a profile without a score takes away what others left, and leaves no mark where nobody is")
    func removesLeftovers() async throws {
        let fleet = try await Fleet()
        let leftover = ScoreSubmission(
            table: boards.table("rank"), member: Key(1), action: .submit(score: 9, subscore: 0, rule: ScoreRule()))
        _ = try await fleet.store.execute([.submit(ScoreBatch(id: .random(), submissions: [leftover]))])
        let (_, players, task) = try await server(fleet)
        for member: Int64 in 1...2 {
            let session = try await players.open(Key(member))
            try session.edit { $0.coins = 5 }
            try await session.close()
        }
        let rows = try #require(await fleet.store.scores(of: boards.table("rank"), changedAfter: 0, limit: 10)).rows
        #expect(rows.map(\.member) == [Key(1)] && rows.allSatisfy(\.isRemoved))
        task.cancel()
        _ = await task.result
    }

    @Test("a superseded session brings no score, and a repeated commit brings it once")
    func onlyCommitted() async throws {
        let lost = Flag()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            guard call.isGroup, lost.value else { return .none }
            lost.value = false
            return .after()
        }
        let fleet = try await Fleet(store: memory)
        let (_, players, task) = try await server(fleet, store: store)
        let session = try await players.open(Key(1))
        try session.edit { $0.coins = 5 }
        lost.value = true
        try await session.save()
        #expect(try await row("coins", memory)?.submissions == 1)
        #expect(try await memory.raiseFence(of: session.id) != nil)
        try session.edit { $0.coins = 9 }
        await #expect {
            try await session.save()
        } throws: { ($0 as? ProfileError)?.code == .fenced }
        #expect(try await row("coins", memory)?.score == 5)
        task.cancel()
        _ = await task.result
    }

    @Test("a board that is missing fails opens, one that is deleted later fails nothing")
    func missingBoard() async throws {
        let fleet = try await Fleet()
        let (_, players, task) = try await server(fleet)
        boards.set(["coins"])
        await #expect {
            try await players.open(Key(1))
        } throws: { ($0 as? ProfileError)?.code == .notFound }
        #expect(try await fleet.store.read(RecordID(collection: CollectionName("players"), key: Key(1))) == nil)
        boards.set(["coins", "rank"])
        let session = try await players.open(Key(1))
        boards.set([])
        try session.edit { $0.coins = 5 }
        try await session.save()
        #expect(try await row("coins", fleet.store) == nil)
        boards.set(["coins"])
        try session.edit { $0.coins = 6 }
        try await session.close()
        #expect(try await row("coins", fleet.store)?.score == 6)
        task.cancel()
        _ = await task.result
    }

    @Test("declarations that cannot be are refused")
    func badDeclarations() async throws {
        func refused(_ body: () throws -> Void) {
            #expect {
                try body()
            } throws: { ($0 as? ProfileError)?.code == .badInput }
        }
        var options = CollectionOptions<Player> { _ in Player() }
        try options.project(to: "coins") { $0.coins }
        refused { try options.project(to: "coins") { $0.rewards } }
        refused { try options.project(to: "wide") { Int128($0.rewards) } }
        for number in 2...8 { try options.project(to: "\(number)") { $0.coins } }
        refused { try options.project(to: "9") { $0.coins } }

        var configuration = CoordinatorConfiguration(serverID: "a")
        let backend = InMemoryCoordinationBackend()
        let store = InMemoryStore(deployment: "test")
        let without = try Coordinator(configuration: configuration, backend: backend, store: store)
        refused { _ = try without.collection("players", of: Player.self, options: options) }
        configuration.boards = boards
        let with = try Coordinator(configuration: configuration, backend: backend, store: store)
        _ = try with.collection("players", of: Player.self, options: options)
        refused { _ = try with.collection("others", of: Player.self, options: options) }
    }
}

/// Boards of one season that never ends.
private final class FakeBoards: ScoreBoards {
    private struct State {
        var names: Set<String>
        var hints: Set<SpaceName> = []
    }

    private let state: Mutex<State>

    init(_ names: Set<String>) {
        state = Mutex(State(names: names))
    }

    var hints: Set<SpaceName> { state.withLock { $0.hints } }

    func set(_ names: Set<String>) { state.withLock { $0.names = names } }

    func table(_ board: String) -> SpaceName {
        do {
            return try SpaceName("board:\(board)")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func follow(_ board: String) async throws(StoreError) {
        guard state.withLock({ $0.names.contains(board) }) else { throw StoreError(.notFound, "no board \(board)") }
    }

    func projectionTargets(of board: String) -> [ProjectionTarget]? {
        guard state.withLock({ $0.names.contains(board) }) else { return nil }
        return [
            ProjectionTarget(
                table: table(board), rule: ScoreRule(scoreOperator: .set), conditions: ScoreSubmission.Conditions())
        ]
    }

    func erase(_ names: [Key], removing: Bool) async throws(StoreError) -> ErasedScores { ErasedScores() }

    func projected(to tables: Set<SpaceName>) { state.withLock { $0.hints.formUnion(tables) } }
}
