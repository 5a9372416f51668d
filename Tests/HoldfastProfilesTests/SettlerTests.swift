import HoldfastStorage
import Synchronization
import Testing

@testable import HoldfastProfiles

@Suite("Commits that are not answered", .timeLimit(.minutes(10)))
struct SettlerTests {
    /// A store whose first commit is not answered, and which is away from then on.
    private func fleet() async throws -> (fleet: Fleet, store: FailingStore, isLost: Flag) {
        let (isLost, isAway) = (Flag(), Flag())
        let memory = InMemoryStore(deployment: "test")
        let store = FailingStore(memory) { call in
            guard call.isGroup, isLost.value else { return .none }
            guard isAway.value else {
                isAway.value = true
                return .after()
            }
            return .before()
        }
        return (try await Fleet(store: memory), store, isLost)
    }

    @Test("an attempt that was not answered stays unknown, whatever the store says afterwards")
    func unknown() async throws {
        let (fleet, store, isLost) = try await fleet()
        let server = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        let draft = session.draft()
        let write = RecordWrite(
            id: session.id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(),
            change: .tombstone)
        isLost.value = true
        let overdue = Mutex<[StoreError.Code]>([])
        let settling = Task {
            await Settler(host: server.coordinator.host).settle(
                CommitRequest(writes: [write]), until: .now + .milliseconds(50)
            ) { error in overdue.withLock { $0.append(error.code) } }
        }
        #expect(await eventually { overdue.withLock { !$0.isEmpty } })
        settling.cancel()
        guard case .failed(let error) = await settling.value else {
            Issue.record("the store was away and the commit ended otherwise")
            return
        }
        #expect(error.code == .outcomeUnknown)
        #expect(overdue.withLock { $0 } == [.outcomeUnknown])
        await server.crash()
    }

    @Test("a server that stops with such a save under way says unknown, not that nothing was changed")
    func stopped() async throws {
        let (fleet, store, isLost) = try await fleet()
        let server = try await fleet.server("a", store: store) {
            $0.autosave = .seconds(3_600)
            $0.saveTimeout = .seconds(60)
        }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        isLost.value = true
        let saving = Task { try await session.save() }
        #expect(await eventually { fleet.journal.entry.ambiguous > 0 })
        await server.crash()
        await #expect {
            try await saving.value
        } throws: { ($0 as? ProfileError)?.code == .outcomeUnknown }
    }
}
