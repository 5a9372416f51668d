import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import Testing

@Suite("What if a save goes wrong", .timeLimit(.minutes(2)))
struct SavingTests {
    private func stored(_ fleet: TestFleet) async throws -> Record? {
        try await fleet.store.contents.read(RecordID(collection: CollectionName("players"), key: Key(42)))
    }

    @Test(
        "it is written once, whether the store failed before it or lost the answer after it", arguments: [true, false])
    func once(before: Bool) async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            let session = try await server.players().open(Key(42), timeout: .seconds(30))
            try session.edit { $0.coins = 7 }
            fleet.store.fail(before ? .before() : .after(), times: 2)
            let receipt = try await session.save(timeout: .seconds(60))
            #expect(receipt.version == 1)
            #expect(fleet.store.injectedFailures == 2)
            try await session.close()
        }
        #expect(try await stored(fleet)?.version == 1)
    }

    @Test("play goes on without the store, and autosave brings what happened meanwhile")
    func outage() async throws {
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.autosave = .milliseconds(50)
        try await fleet.withServer(configuration) { server in
            let session = try await server.players().open(Key(42), timeout: .seconds(30))
            fleet.store.goDown()
            try session.edit { $0.coins = 1 }
            await #expect(throws: ProfileError.self) { try await session.save(timeout: .milliseconds(200)) }
            try session.edit { $0.coins = 2 }
            let version = try await stored(fleet)?.version
            #expect(version == 0)
            fleet.store.comeBack()
            while try await stored(fleet)?.version == 0 { try await Task.sleep(for: .milliseconds(5)) }
            try await session.close()
        }
        try await fleet.withServer { server in
            let snapshot = try await server.players().read(Key(42))
            #expect(snapshot?.document.coins == 2)
        }
    }

    @Test("a running game outlives the loss of everything in Redis")
    func redisIsAway() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer { server in
            let session = try await server.players().open(Key(42), timeout: .seconds(30))
            fleet.coordination.goDown()
            try session.edit { $0.coins = 3 }
            try await session.save(timeout: .seconds(30))
            fleet.coordination.loseEverything()
            fleet.coordination.comeBack()
            try session.edit { $0.coins = 4 }
            try await session.save(timeout: .seconds(30))
            try await session.close(timeout: .seconds(30))
        }
        #expect(try await stored(fleet)?.version == 2)
    }
}
