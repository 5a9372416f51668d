import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import Testing

@Suite("What if the store takes only so much", .timeLimit(.minutes(3)))
struct BudgetTests {
    @Test("a server within a small budget is slower, and saves everything; leaving and stopping wait for nothing")
    func small() async throws {
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.budget = RequestBudget(perSecond: 40, burst: 2)
        configuration.openTimeout = .seconds(60)
        configuration.drainTimeout = .seconds(60)
        configuration.autosave = .seconds(3_600)
        try await fleet.withServer(configuration) { server in
            let players = try server.players()
            let began = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in 0..<12 {
                    group.addTask {
                        let session = try await players.open(Key(key))
                        try session.edit { $0.coins = key }
                    }
                }
                try await group.waitForAll()
            }
            // Two at once, ten at 25 ms each.
            #expect(ContinuousClock.now - began >= .milliseconds(240))
        }
        for key in 0..<12 {
            let id = RecordID(collection: try CollectionName("players"), key: Key(key))
            #expect(try await fleet.store.contents.read(id)?.version == 1)
        }
    }

    @Test("with nothing left a load and a checkpoint are refused for a while; an emergency and a close are not")
    func exhausted() async throws {
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.budget = RequestBudget(perSecond: 0.001, burst: 1)
        configuration.autosave = .seconds(3_600)
        configuration.saveTimeout = .seconds(3_600)
        configuration.drainTimeout = .seconds(60)
        try await fleet.withServer(configuration) { server in
            let players = try server.players()
            // The first load announces the schema as well: it takes what there is.
            var first: Session<Player>?
            let deadline = ContinuousClock.now + .seconds(30)
            while first == nil, ContinuousClock.now < deadline {
                first = try? await players.open(Key(1), timeout: .milliseconds(500))
            }
            let session = try #require(first)
            await #expect {
                _ = try await players.open(Key(2), timeout: .milliseconds(100))
            } throws: { ($0 as? ProfileError)?.isRetriable == true }
            try session.edit { $0.coins = 7 }
            await #expect {
                try await session.save(timeout: .milliseconds(100))
            } throws: { ($0 as? ProfileError)?.isRetriable == true }
            try await session.save(priority: .emergency, timeout: .seconds(30))
            #expect(session.lastSaved?.coins == 7)
            try session.edit { $0.coins = 8 }
            try await session.close()
        }
        let id = RecordID(collection: try CollectionName("players"), key: Key(1))
        #expect(try await fleet.store.contents.read(id)?.version == 2)
    }

    @Test("a store that limits its users makes saves later, and loses none")
    func limitedStore() async throws {
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.drainTimeout = .seconds(60)
        try await fleet.withServer(configuration) { server in
            let players = try server.players()
            let session = try await players.open(Key(1), timeout: .seconds(30))
            fleet.store.setBudget(RequestBudget(perSecond: 0.001, burst: 1))
            for coins in 1...2 {
                try session.edit { $0.coins = coins }
                _ = try? await session.save(timeout: .milliseconds(100))
            }
            fleet.store.setBudget(nil)
            try await session.save(timeout: .seconds(30))
            #expect(session.lastSaved?.coins == 2)
        }
    }

    @Test("a budget of nothing is refused")
    func badInput() async throws {
        let fleet = try await TestFleet()
        for budget in [
            RequestBudget(perSecond: 0), RequestBudget(perSecond: 5, burst: 0), RequestBudget(perSecond: .nan),
        ] {
            var configuration = fleet.configuration()
            configuration.budget = budget
            await #expect {
                _ = try await fleet.start(configuration)
            } throws: { ($0 as? ProfileError)?.code == .badInput }
        }
    }
}
