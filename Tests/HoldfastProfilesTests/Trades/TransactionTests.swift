import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Transactions over any number of records", .timeLimit(.minutes(3)))
struct TransactionTests {
    /// A document of another type.
    struct Vault: Codable, Sendable {
        var coins = 0
    }

    private struct TooPoor: Error {}

    private func vaults(_ server: Server) throws -> ProfileCollection<Vault> {
        try server.coordinator.collection("vaults", of: Vault.self, options: CollectionOptions { _ in Vault() })
    }

    @Test("five records of two types change in one commit, or none does")
    func mixed() async throws {
        let store = FailingStore(InMemoryStore(deployment: "test")) { _ in .none }
        let fleet = try await Fleet(store: store)
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let vault = try await vaults(server).open(Key("guild"))
        var members: [Session<Player>] = []
        for key in 0..<4 {
            members.append(try await server.players.open(Key(key)))
            try members[key].edit { $0.coins = 100 }
        }
        let all: [any TransactionMember] = members + [vault]
        let share = { (share: Int, scope: inout TransactionScope) throws in
            for member in members {
                let left = try scope.edit(member) {
                    $0.coins -= share
                    return $0.coins
                }
                guard left >= 0 else { throw TooPoor() }
                try scope.edit(vault) { $0.coins += share }
            }
        }
        let receipts = try await server.coordinator.transaction(over: all) { try share(30, &$0) }.receipts
        #expect(receipts.map(\.version) == [1, 1, 1, 1, 1])
        #expect(members.map(\.document.coins) == [70, 70, 70, 70] && vault.document.coins == 120)
        await #expect(throws: TooPoor.self) {
            try await server.coordinator.transaction(over: all) { try share(80, &$0) }
        }
        // One of the rows goes to somebody else.
        _ = try await store.raiseFence(of: members[2].id)
        await #expect {
            try await server.coordinator.transaction(over: all) { try share(10, &$0) }
        } throws: { ($0 as? ProfileError)?.code == .fenced }
        #expect(members[2].isEnded && !vault.isEnded && vault.document.coins == 120)
        #expect([0, 1, 3].map { members[$0].document.coins } == [70, 70, 70])
        await #expect {
            try await server.coordinator.transaction(over: [vault, vault]) { _ in }
        } throws: { ($0 as? ProfileError)?.code == .badInput }
        await #expect {
            try await server.coordinator.transaction(over: [vault]) { try $0.edit(members[0]) { $0.coins = 0 } }
        } throws: { ($0 as? ProfileError)?.code == .badInput }
        try await server.drain()
        #expect(try await store.read(vault.id)?.version == 1)
    }

    @Test("what is free is opened for a transaction and released after it; what is live elsewhere is not")
    func offline() async throws {
        let fleet = try await Fleet()
        let (a, b) = (try await fleet.server("a"), try await fleet.server("b"))
        try await a.players.update(Key(1)) { $0.coins = 50 }
        let records = [a.players.record(Key(2)), a.players.record(Key(1))]
        let left = try await a.coordinator.transaction(opening: records) { scope in
            try scope.edit(Key(2), in: a.players) { $0.coins += 20 }
            try scope.deliver(GrantCoins(coins: 5), to: Key(3), in: a.players, id: "thanks")
            return try scope.edit(Key(1), in: a.players) {
                $0.coins -= 20
                return $0.coins
            }
        }
        #expect(left == 30)
        #expect(await eventually { a.coordinator.sessions().isEmpty })
        #expect(try await a.players.read(Key(2))?.document.coins == 20)
        #expect(try await a.players.operation("thanks", of: Key(3))?.state == .pending)

        let held = try await b.players.open(Key(2))
        await #expect {
            try await a.coordinator.transaction(opening: records) { _ in }
        } throws: { error in
            (error as? ProfileError)?.code == .held && (error as? ProfileError)?.record == held.id
        }
        await #expect {
            try await a.coordinator.transaction(over: [held]) { _ in }
        } throws: { ($0 as? ProfileError)?.code == .badInput }
        #expect(await eventually { a.coordinator.sessions().isEmpty } && !held.isEnded)
        await #expect(throws: TooPoor.self) {
            try await a.coordinator.transaction(opening: [a.players.record(Key(1))]) { scope in
                try scope.edit(Key(1), in: a.players) { $0.coins = 0 }
                throw TooPoor()
            }
        }
        // No more operations than an edit may bring.
        await #expect {
            try await a.coordinator.transaction(opening: [a.players.record(Key(1))]) { scope in
                try scope.edit(Key(1), in: a.players) { $0.coins = 0 }
                for number in 0...Outbox.maximumCount {
                    try scope.deliver(GrantCoins(coins: 1), to: Key(3), in: a.players, id: "more \(number)")
                }
            }
        } throws: { ($0 as? ProfileError)?.code == .badInput }
        #expect(try await a.players.operation("more 0", of: Key(3)) == nil)
        #expect(await eventually { a.coordinator.sessions().isEmpty })
        #expect(try await a.players.read(Key(1))?.document.coins == 30)
        try await b.drain()
        try await a.drain()
    }
}
