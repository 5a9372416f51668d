import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("The ledger", .timeLimit(.minutes(3)))
struct GeneralLedgerTests {
    @Test("a posting adds up to nothing, within Int64, or there is none")
    func postings() throws {
        #expect(throws: ProfileError.self) { try Posting(["a": 1, "b": -2]) }
        #expect(throws: ProfileError.self) { try Posting(["a": 0, "b": 0]) }
        #expect(throws: ProfileError.self) { try Posting(["a": 5]) }
        #expect(throws: ProfileError.self) { try Posting(["a": .max, "b": .max, "c": 2]) }
        #expect(throws: ProfileError.self) { try Posting(["": 1, "b": -1]) }
        #expect(throws: ProfileError.self) { try Posting.transfer(0, from: "a", to: "b") }
        #expect(throws: ProfileError.self) { try Posting.transfer(-3, from: "a", to: "b") }
        #expect(throws: ProfileError.self) { try Posting.transfer(3, from: "a", to: "a") }
        let many = Dictionary(uniqueKeysWithValues: (0..<17).map { ("\($0)", Int64($0 == 16 ? -16 : 1)) })
        #expect(throws: ProfileError.self) { try Posting(many) }
        #expect(try Posting(["a": .max, "b": -.max]).lines.map(\.account) == ["a", "b"])
    }

    @Test("a posting is booked with its transaction or not at all, and everything adds up to the documents")
    func booked() async throws {
        struct Refused: Error {}
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let ledger = try GeneralLedger("coins", server.coordinator)
        let keys = Array(0..<6)
        var sessions: [Session<Player>] = []
        for key in keys { sessions.append(try await server.players.open(Key(key))) }
        let all = sessions
        try await server.coordinator.transaction(over: all) { scope in
            for (key, session) in zip(keys, all) {
                try scope.edit(session) { $0.coins = 100 }
                try scope.post(.transfer(100, from: "mint", to: "player:\(key)", reason: "start"), to: ledger)
            }
        }
        for round in 0..<20 {
            let (from, to) = (round % 6, (round * 5 + 2) % 6)
            guard from != to else { continue }
            _ = try? await server.coordinator.transaction(over: [all[from], all[to]]) { scope in
                try scope.edit(all[from]) { $0.coins -= round }
                try scope.edit(all[to]) { $0.coins += round }
                if round > 0 {
                    try scope.post(
                        .transfer(Int64(round), from: "player:\(from)", to: "player:\(to)"), to: ledger)
                }
                if round % 3 == 0 { throw Refused() }
            }
        }
        let report = try await ledger.check(before: .max) { account in
            account == "mint" ? nil : Int64(all[Int(account.dropFirst(7))!].document.coins)
        }
        #expect(report.faults.isEmpty)
        #expect(report.balances.values.reduce(0, +) == 0 && report.balances["mint"] == -600)
        for key in keys {
            let balance = try await ledger.balance(of: "player:\(key)")
            #expect(balance == Int64(all[key].document.coins))
        }
        let lines = try await ledger.lines(of: "player:3")
        #expect(lines.lines.first?.amount == 100 && lines.lines.first?.posting.reason == "start" && lines.next == nil)
        try await server.drain()
    }

    @Test("a posting that is missing in one log, was altered or overflows is found")
    func faults() throws {
        let good = try Posting.transfer(5, from: "a", to: "b")
        let shards = { (posting: Posting) in Set(posting.lines.map { GeneralLedger.shard(of: $0.account) }) }
        let accounts = (0..<100).map { "account-\($0)" }
        let other = try #require(accounts.first { GeneralLedger.shard(of: $0) != GeneralLedger.shard(of: "a") })
        let split = try Posting.transfer(7, from: "a", to: other)
        var sum = LedgerSum()
        for shard in shards(good) { sum.add(good, foundIn: shard) }
        #expect(sum.report().faults.isEmpty)
        sum.add(split, foundIn: GeneralLedger.shard(of: "a"))
        #expect(sum.report().faults == [.incomplete(split.id)])
        let altered = Posting(
            stored: .init(lines: [.init(account: "a", amount: 1), .init(account: "b", amount: 1)], reason: ""),
            id: .random())
        for shard in shards(altered) { sum.add(altered, foundIn: shard) }
        #expect(sum.report().faults.contains { if case .invalid(altered.id, _) = $0 { true } else { false } })
        for _ in 0..<2 {
            let rich = try Posting.transfer(.max, from: "a", to: "b")
            for shard in shards(rich) { sum.add(rich, foundIn: shard) }
        }
        #expect(sum.report().faults.contains(.overflow(account: "b")))
    }
}
