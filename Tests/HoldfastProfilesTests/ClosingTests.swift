import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("Closing without saving beside others", .timeLimit(.minutes(2)))
struct ClosingTests {
    @Test("what another handle was closed with is saved, although its save has to wait")
    func others() async throws {
        let gate = Hold()
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore.meetingCommits(of: memory) { _ in
            await gate.pass()
            return .none
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let first = try await server.players.open(Key(1))
        let second = try await server.players.open(Key(1))
        try first.edit { $0.coins = 1 }
        let saving = Task { try await first.save() }
        #expect(await eventually { first.state.withLock { $0.runningSave != nil } })
        try second.edit { $0.coins = 2 }
        let closing = Task { try await second.close() }
        #expect(await eventually { first.state.withLock { $0.handles == 1 } })
        let givingUp = Task { try await first.closeWithoutSaving() }
        #expect(await eventually { first.state.withLock { $0.handles == 0 } })
        gate.open()
        _ = try await saving.value
        try await closing.value
        try await givingUp.value
        #expect(try await server.players.read(Key(1))?.document.coins == 2)
        try await server.drain()
    }

    private struct Level: Codable, Sendable {
        var height = 0.0
    }

    @Test("a close that failed and is tried again does not take the handle of the next open")
    func repeated() async throws {
        let server = try await Fleet().server("a") { $0.autosave = .seconds(3_600) }
        let levels = try server.coordinator.collection("levels", of: Level.self, options: .init { _ in Level() })
        let session = try await levels.open(Key(1))
        try session.edit { $0.height = .nan }
        for _ in 0..<3 {
            await #expect(throws: ProfileError.self) { try await session.close() }
        }
        #expect(await eventually { session.state.withLock { $0.failedCloses != nil } })
        let again = try await levels.open(Key(1))
        #expect(again === session)
        #expect(session.state.withLock { $0.handles } == 1)
        try again.edit { $0.height = 1 }
        try await again.close()
        #expect(session.isEnded)
        #expect(try await levels.read(Key(1))?.document.height == 1)
        try await server.drain()
    }

    @Test("a close that failed and has no caller rests before it is tried again")
    func resting() async throws {
        let server = try await Fleet().server("a") { $0.autosave = .seconds(3_600) }
        func forgotten(_ key: Int, rests: Bool = false) async throws -> Session<Player> {
            let session = try await server.players.open(Key(key))
            session.state.withLock { state in
                state.handles = 0
                if rests { state.failedCloses = (1, .now + .seconds(3_600)) }
            }
            session.abandon()
            return session
        }
        let resting = try await forgotten(1, rests: true)
        for key in 2...3 {
            let other = try await forgotten(key)
            #expect(await other.waitUntilEnded() == .closed)
        }
        #expect(!resting.isEnded)
        resting.state.withLock { $0.failedCloses = nil }
        #expect(await resting.waitUntilEnded() == .closed)
        try await server.drain()
    }

    @Test("a wait for somebody else's open ends with the coordinator")
    func waits() async throws {
        let server = try await Fleet().server("a")
        try await server.drain()
        await #expect {
            _ = try await server.players.waitUntilLoaded(Key(1), timeout: .seconds(60))
        } throws: { ($0 as? ProfileError)?.code == .notReady }
    }
}
