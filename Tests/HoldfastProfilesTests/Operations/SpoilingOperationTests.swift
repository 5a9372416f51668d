import HoldfastProfiles
import HoldfastStorage
import Testing

/// A document with rules, and one that can be made impossible to store.
private struct Purse: Codable, Sendable, Equatable {
    var coins = 0
    var ratio = 0.5
    var notes = ""
}

private enum Spoil: String, Codable, CaseIterable {
    case rule, number, size
}

private struct SpoilPurse: ProfileOperation {
    static let name = "spoil"
    var how: Spoil

    func apply(to purse: inout Purse) throws {
        switch how {
        case .rule: purse.coins = -1
        case .number: purse.ratio = .nan
        case .size: purse.notes = String(repeating: "x", count: DurableStoreLimits.documentBytes)
        }
    }
}

private struct Earn: ProfileOperation {
    static let name = "earn"

    func apply(to purse: inout Purse) { purse.coins += 1 }
}

@Suite("Operations whose effect must not be stored", .timeLimit(.minutes(10)))
struct SpoilingOperationTests {
    private static let patience = Duration.seconds(60)

    private func purses(_ server: Server) throws -> ProfileCollection<Purse> {
        var options = CollectionOptions<Purse> { _ in Purse() }
        let policy = OperationPolicy(maximumAttempts: 2, firstPause: .milliseconds(5), longestPause: .milliseconds(5))
        try options.handle(SpoilPurse.self, policy: policy)
        try options.handle(Earn.self, policy: policy)
        options.validate { purse in
            guard purse.coins >= 0 else { throw InvalidField("coins", "below 0") }
        }
        return try server.coordinator.collection("purses", of: Purse.self, options: options)
    }

    @Test(
        "it is a failed attempt and then a dead letter, and holds up neither others nor the profile", arguments: 0...2)
    func spoils(_ index: Int) async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let purses = try purses(server)
        try await purses.deliver(Earn(), to: Key(1), id: "first")
        try await purses.deliver(SpoilPurse(how: Spoil.allCases[index]), to: Key(1), id: "bad")
        try await purses.deliver(Earn(), to: Key(1), id: "last")
        let session = try await purses.open(Key(1))
        let receipt = try await purses.result(of: "bad", key: Key(1), timeout: Self.patience)
        #expect(receipt.state == .dead && receipt.attempts == 2 && receipt.lastError != nil)
        #expect(try await purses.result(of: "last", key: Key(1), timeout: Self.patience).state == .applied)
        #expect(session.document == Purse(coins: 2))
        try session.edit { $0.coins += 1 }
        try await session.close()
        try await purses.withSession(for: Key(1)) { #expect($0.document == Purse(coins: 3)) }
        try await server.drain()
    }

    @Test("a payload that does not fit its type ends as a dead letter as well, and keeps nothing from being loaded")
    func malformed() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let purses = try purses(server)
        let record = RecordID(collection: purses.name, key: Key(1))
        for (id, payload) in [("unknown", #"{"how":"gently"}"#), ("nothing", "{}")] {
            let delivery = Delivery(
                record: record, id: try OperationID(id), type: SpoilPurse.name, payload: Array(payload.utf8))
            _ = try await fleet.store.execute([.deliver(delivery)])
        }
        try await purses.deliver(Earn(), to: Key(1), id: "last")
        let session = try await purses.open(Key(1))
        for id in ["unknown", "nothing"] {
            let receipt = try await purses.result(of: id, key: Key(1), timeout: Self.patience)
            #expect(receipt.state == .dead && receipt.attempts == 2 && receipt.lastError != nil)
        }
        #expect(try await purses.result(of: "last", key: Key(1), timeout: Self.patience).state == .applied)
        #expect(session.document == Purse(coins: 1))
        try await session.close()
        try await server.drain()
    }

    @Test("what the game itself made impossible to store is not held against an operation")
    func gamesFault() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let purses = try purses(server)
        let session = try await purses.open(Key(1))
        try session.edit { $0.ratio = .infinity }
        try await purses.deliver(Earn(), to: Key(1), id: "earned")
        for _ in 1...3 {
            await #expect { try await session.save() } throws: { ($0 as? ProfileError)?.code == .badInput }
        }
        #expect(try await purses.operation("earned", of: Key(1))?.attempts == 0)
        try session.edit { $0.ratio = 1 }
        let receipt = try await purses.result(of: "earned", key: Key(1), timeout: Self.patience)
        #expect(receipt.state == .applied && receipt.attempts == 1)
        try await session.close()
        #expect(try await purses.read(Key(1))?.document == Purse(coins: 1, ratio: 1))
        try await server.drain()
    }
}
