import Testing

@testable import HoldfastStorage

@Suite("Requests within a budget", .timeLimit(.minutes(2)))
struct RequestGateTests {
    private let budget = RequestBudget(perSecond: 0.000_1, burst: 1)

    private func seal(_ key: Int) throws -> SealRequest {
        SealRequest(
            id: RecordID(collection: try CollectionName("test"), key: Key(key)), token: 1,
            owner: Owner(nonce: .random(), server: "s", boot: .random()))
    }

    /// A committer over a store in memory, running beside `body`.
    private func committer(_ budget: RequestBudget, _ body: (GroupCommitter) async throws -> Void) async throws {
        let store = InMemoryStore(deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let committer = GroupCommitter(store: store, budget: budget)
        let running = Task { await committer.run() }
        defer { running.cancel() }
        // From its answer on the committer runs, and counts.
        _ = try await committer.seal(seal(0), timeout: .seconds(30))
        try await body(committer)
    }

    @Test("a request that finds no room is refused at its deadline, and was not sent")
    func deadline() async throws {
        try await committer(RequestBudget(perSecond: 0.000_1, burst: 2)) { committer in
            var refusals = 0
            for key in 1...4 {
                let request = try seal(key)
                do throws(StoreError) {
                    _ = try await committer.seal(request, timeout: .milliseconds(20))
                } catch {
                    #expect(error.code == .deadline)
                    refusals += 1
                }
            }
            #expect(refusals >= 2)
        }
    }

    @Test("last saves, saves of doubtful sessions and leases that are taken anew do not wait")
    func urgency() async throws {
        try await committer(budget) { committer in
            try? await committer.awaitBudget(of: nil, timeout: .milliseconds(20))
            for _ in 0..<20 {
                let write = RecordWrite(
                    id: try seal(0).id, fence: 1, nonce: .random(), version: 0, saveID: .random(), change: .none,
                    releases: true)
                _ = try await committer.commit(CommitRequest(writes: [write]), timeout: .seconds(30))
                let save = RecordWrite(
                    id: try seal(0).id, fence: 1, nonce: .random(), version: 0, saveID: .random(), change: .tombstone)
                _ = try await committer.commit(CommitRequest(writes: [save]), timeout: .seconds(30), isUrgent: true)
                var reseal = try seal(0)
                reseal.condition = .stillMine(fence: 1, version: 0)
                _ = try await committer.seal(reseal, timeout: .seconds(30))
            }
        }
    }

    @Test("a caller that is cancelled leaves at once, whether it waits already or not yet")
    func cancellation() async throws {
        let gate = RequestGate(budget)
        try await gate.pass(nil, isUrgent: false, until: .now + .seconds(60))
        let calls = (0..<50).map { _ in
            Task { try await gate.pass(nil, isUrgent: false, until: .now + .seconds(600)) }
        }
        for call in calls { call.cancel() }
        for call in calls {
            await #expect {
                try await call.value
            } throws: { ($0 as? StoreError)?.code == .deadline }
        }
        #expect(gate.count == 0)
    }

    @Test("an end lets pass who waits: the committer itself refuses then")
    func end() async throws {
        let gate = RequestGate(budget)
        try await gate.pass(nil, isUrgent: false, until: .now + .seconds(60))
        let running = Task { await gate.run() }
        let call = Task { try await gate.pass(nil, isUrgent: false, until: .now + .seconds(600)) }
        while gate.count == 0 { await Task.yield() }
        running.cancel()
        try await call.value
        try await gate.pass(nil, isUrgent: false, until: .now)
    }
}
