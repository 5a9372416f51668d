import HoldfastStorage
import Testing

@Suite("Every store: generation")
struct GenerationTests {
    private func save(_ session: StoreActor, _ generation: Int64?) throws -> CommitRequest {
        CommitRequest(writes: [session.write(.content(try content("x")))], generation: generation)
    }

    @Test("a session learns the generation, and saves under no other", arguments: StoreKind.allCases)
    func compares(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor()
            #expect(try await session.seal(store).sealed?.generation == 0)
            #expect(try await store.deployment().generation == 0)
            #expect(try await store.commit(save(session, 0)) == .committed)
            session.version = 1

            let raised = try await store.bumpGeneration()
            #expect(raised > 0)
            #expect(try await store.deployment().generation == raised)
            #expect(try await store.migrate(DeploymentTimings()).generation == raised)
            var late = try save(session, 0)
            late.entries = [AppendRequest(log: try SpaceName("log"), entries: [entry()])]
            late.decision = Decision(trade: .random(), verdict: .committed)
            #expect(try await store.commit(late) == .storeRestored)
            #expect(try await store.commit(save(session, raised + 1)) == .storeRestored)
            #expect(try await store.read(session.id)?.version == 1)
            #expect(try await store.page(of: SpaceName("log")) == nil)
            let trade = try #require(late.decision?.trade)
            #expect(try await store.decide(trade, .aborted) == .aborted)

            // Whoever names none is not compared.
            #expect(try await store.commit(save(session, nil)) == .committed)
            #expect(try await session.seal(store).sealed?.generation == raised)
            session.version = 2
            #expect(try await store.commit(save(session, raised)) == .committed)
            #expect(try await store.bumpGeneration() > raised)
        }
    }

    @Test("it comes before what a refusal would say", arguments: StoreKind.allCases)
    func comesFirst(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            #expect(try await store.commit(save(session, 5)) == .storeRestored)
            #expect(try await store.commit(save(session, 0)).refusedRows == [nil])
        }
    }

    @Test("settling a restore raises it once, before anything else", arguments: StoreKind.allCases)
    func settles(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor()
            _ = try await session.seal(store)
            let step = try await store.settleRestore(from: .start)
            let raised = try await store.deployment().generation
            #expect(raised > 0 && step.next != nil)
            var position = step.next
            while let next = position { position = try await store.settleRestore(from: next).next }
            #expect(try await store.deployment().generation == raised)
            #expect(try await store.commit(save(session, 0)) == .storeRestored)
            // A step that is repeated after a lost answer.
            _ = try await store.settleRestore(from: .start)
            #expect(try await store.deployment().generation > raised)
        }
    }

    @Test("the next one is above every one before, even after a restore of an older number")
    func passesOlder() {
        #expect(Deployment.generation(after: 0, now: 1_000) == 1_000)
        #expect(Deployment.generation(after: 1_000, now: 1_000) == 1_001)
        #expect(Deployment.generation(after: 5_000, now: 1_000) == 5_001)
    }
}
