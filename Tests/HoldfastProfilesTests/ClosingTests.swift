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

    @Test("a wait for somebody else's open ends with the coordinator")
    func waits() async throws {
        let server = try await Fleet().server("a")
        try await server.drain()
        await #expect {
            _ = try await server.players.waitUntilLoaded(Key(1), timeout: .seconds(60))
        } throws: { ($0 as? ProfileError)?.code == .notReady }
    }
}
