import HoldfastProfiles
import HoldfastStorage
import Testing

/// Ten coins for who was invited, and five, as often as it says, for who has invited her.
private struct Invited: DeliveringOperation {
    static let name = "invited"
    var by: Int
    var times = 1
    var code = "a"

    func apply(to player: inout Player, delivering outbox: inout Outbox) throws {
        player.coins += 10
        for time in 0..<times {
            try outbox.deliver(GrantCoins(coins: 5), to: Key(by), in: "club", id: "inviting:\(code):\(time)")
        }
    }
}

@Suite("Operations that deliver others", .timeLimit(.minutes(3)))
struct DeliveringOperationTests {
    private static let patience = Duration.seconds(60)

    private func club(_ server: Server) throws -> ProfileCollection<Player> {
        var options = CollectionOptions<Player> { _ in Player() }
        try options.handle(Invited.self)
        try options.handle(GrantCoins.self)
        return try server.coordinator.collection("club", of: Player.self, options: options)
    }

    @Test("effect, receipt and what is delivered are one commit, and each takes effect once")
    func oneCommit() async throws {
        let delivered = Log<[String]>()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.meetingCommits(of: memory) { commit in
            guard commit.settles("ada") else { return .none }
            delivered.add(commit.deliveries.map(\.id.description))
            // The answer of the first is lost.
            return delivered.all.count == 1 ? .after() : .none
        }
        let server = try await Fleet(store: memory).server("a", store: store)
        let club = try club(server)
        try await club.deliver(Invited(by: 2), to: Key(1), id: "ada")
        try await club.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        #expect(Set(delivered.all) == [["inviting:a:0"]])
        #expect(try await club.state("ada") == .applied)
        try await club.withSession(for: Key(2)) { #expect($0.document.coins == 5) }
        #expect(try await club.operations(of: Key(2)).map(\.state) == [.applied])
        try await server.drain()
    }

    @Test("one that is cancelled elsewhere delivers nothing")
    func cancelled() async throws {
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.meetingCommits(of: memory) { commit in
            if commit.settles("ada") { await memory.cancel("ada", in: "club") }
            return .none
        }
        let server = try await Fleet(store: memory).server("a", store: store) { $0.autosave = .seconds(3_600) }
        let club = try club(server)
        try await club.deliver(Invited(by: 2), to: Key(1), id: "ada")
        try await club.withSession(for: Key(1)) { session in
            #expect(await eventually { session.document.coins == 0 })
            try session.edit { $0.rewards = 1 }
        }
        #expect(try await club.read(Key(1))?.document == Player(rewards: 1))
        #expect(try await club.state("ada") == .cancelled)
        #expect(try await club.operations(of: Key(2)).isEmpty)
        try await server.drain()
    }

    @Test("those that together deliver more than a commit takes come one after the other; one alone is a dead letter")
    func bounds() async throws {
        let server = try await Fleet().server("a")
        let club = try club(server)
        try await club.deliver(Invited(by: 2, times: 200, code: "a"), to: Key(1), id: "a")
        try await club.deliver(Invited(by: 2, times: 200, code: "b"), to: Key(1), id: "b")
        try await club.deliver(Invited(by: 2, times: 257, code: "c"), to: Key(1), id: "c")
        let session = try await club.open(Key(1))
        for id in ["a", "b"] {
            #expect(try await club.result(of: id, key: Key(1), timeout: Self.patience).state == .applied)
        }
        let dead = try await club.result(of: "c", key: Key(1), timeout: Self.patience)
        #expect(dead.state == .dead && dead.lastError?.contains("256") == true)
        #expect(session.document.coins == 20)
        #expect(try await club.operations(of: Key(2), limit: 1_000).count == 400)
        try await session.close()
        try await server.drain()
    }
}
