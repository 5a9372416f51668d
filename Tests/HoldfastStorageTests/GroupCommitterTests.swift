import Synchronization
import TestServers
import Testing

@testable import HoldfastStorage

@Suite("Group committer")
struct GroupCommitterTests {
    /// A store whose groups wait until the test lets them go.
    private final class Gate: Sendable {
        private struct State {
            var groups: [[StoreRequest]] = []
            var isOpen = false
            var waiters: [CheckedContinuation<Void, Never>] = []
        }
        private let state = Mutex(State())

        func pass(_ group: [StoreRequest]) async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.groups.append(group)
                    if !state.isOpen { state.waiters.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                state.isOpen = true
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        var groups: [[StoreRequest]] { state.withLock { $0.groups } }
    }

    private func store(_ gate: Gate) async throws -> FailingStore {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        return FailingStore(memory) { call in
            if case .execute(let group) = call.kind { await gate.pass(group) }
            return .none
        }
    }

    private func seal(_ key: Int, token: Int64 = 1) throws -> SealRequest {
        SealRequest(
            id: RecordID(collection: try CollectionName("test"), key: Key(key)), token: token,
            owner: Owner(nonce: .random(), server: "s", boot: .random())
        )
    }

    private func running<Result>(
        _ committer: GroupCommitter, _ body: () async throws -> Result
    ) async throws -> Result {
        let run = Task { await committer.run() }
        do {
            let result = try await body()
            run.cancel()
            await run.value
            return result
        } catch {
            run.cancel()
            await run.value
            throw error
        }
    }

    @Test("requests that arrive together commit together")
    func groups() async throws {
        let gate = Gate()
        let committer = GroupCommitter(store: try await store(gate))
        try await running(committer) {
            try await withThrowingTaskGroup { tasks in
                for key in 0..<50 {
                    let request = try seal(key)
                    tasks.addTask { _ = try await committer.seal(request, timeout: .seconds(60)) }
                }
                try await eventually("the first group is in flight") { gate.groups.count == 1 }
                gate.open()
                try await tasks.waitForAll()
            }
        }
        #expect(gate.groups.reduce(0) { $0 + $1.count } == 50)
        #expect(gate.groups.count < 50)
    }

    @Test("a call before run() fails at its deadline and says so")
    func refusesBeforeRun() async throws {
        let committer = GroupCommitter(store: try await store(Gate()))
        let request = try seal(1)
        let error = await #expect(throws: StoreError.self) {
            try await committer.seal(request, timeout: .milliseconds(20))
        }
        #expect(error?.code == .deadline)
        #expect(error?.message.contains("run()") == true)
    }

    @Test("a call before run() succeeds when run() starts in time")
    func waitsForRun() async throws {
        let gate = Gate()
        gate.open()
        let committer = GroupCommitter(store: try await store(gate))
        let request = try seal(1)
        let outcome = Task { try await committer.seal(request, timeout: .seconds(60)) }
        try await running(committer) {
            guard case .sealed = try await outcome.value else {
                Issue.record("not sealed")
                return
            }
        }
    }

    @Test("a waiting request ends at its deadline or when cancelled; one in flight gets its answer")
    func endsWaiting() async throws {
        let gate = Gate()
        let committer = GroupCommitter(store: try await store(gate))
        try await running(committer) {
            let inFlight = try seal(1)
            let first = Task { try await committer.seal(inFlight, timeout: .seconds(1)) }
            try await eventually("the first is in flight") { gate.groups.count == 1 }
            let late = try seal(2)
            let error = await #expect(throws: StoreError.self) {
                try await committer.seal(late, timeout: .milliseconds(1_100))
            }
            #expect(error?.code == .deadline)
            let other = try seal(3)
            let cancelled = Task { try await committer.seal(other, timeout: .seconds(60)) }
            cancelled.cancel()
            let cancellation = await #expect(throws: StoreError.self) { try await cancelled.value }
            #expect(cancellation?.code == .deadline)
            first.cancel()
            gate.open()
            guard case .sealed = try await first.value else {
                Issue.record("not sealed")
                return
            }
        }
        #expect(gate.groups.count == 1)
    }

    @Test("the end answers what is in flight and refuses the rest")
    func endsCleanly() async throws {
        let gate = Gate()
        let committer = GroupCommitter(store: try await store(gate))
        let run = Task { await committer.run() }
        let (one, two) = (try seal(1), try seal(2))
        let first = Task { try await committer.seal(one, timeout: .seconds(60)) }
        try await eventually("the first is in flight") { gate.groups.count == 1 }
        let second = Task { try await committer.seal(two, timeout: .seconds(60)) }
        run.cancel()
        let error = await #expect(throws: StoreError.self) { try await second.value }
        #expect(error?.code == .closed)
        gate.open()
        guard case .sealed = try await first.value else {
            Issue.record("not sealed")
            return
        }
        await run.value
        let third = try seal(3)
        let after = await #expect(throws: StoreError.self) { try await committer.seal(third, timeout: .seconds(60)) }
        #expect(after?.code == .closed)
    }

    @Test("beyond the bound callers are refused as unavailable")
    func boundsTheQueue() async throws {
        let gate = Gate()
        let committer = GroupCommitter(store: try await store(gate), maximumQueued: 1)
        try await running(committer) {
            let requests = try (0..<3).map { try seal($0) }
            let first = Task { try await committer.seal(requests[0], timeout: .seconds(60)) }
            try await eventually("the first is in flight") { gate.groups.count == 1 }
            try await withThrowingTaskGroup(of: StoreError.Code?.self) { tasks in
                for request in requests[1...] {
                    tasks.addTask {
                        do {
                            _ = try await committer.seal(request, timeout: .seconds(60))
                            return nil
                        } catch let error as StoreError { return error.code }
                    }
                }
                let refused = try await tasks.next()
                #expect(refused == .unavailable)
                gate.open()
                let answered = try await tasks.next()
                #expect(answered == .some(nil))
            }
            _ = try await first.value
        }
    }

    @Test("what needs a newer layout fails alone, and the saves beside it stay one group")
    func sparesSaves() async throws {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        let gate = Gate()
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind else { return .none }
            await gate.pass(group)
            let isNew = group.contains { if case .append = $0 { true } else { false } }
            return isNew ? .before(StoreError(.wrongDeployment, "the store has layout 1")) : .none
        }
        let committer = GroupCommitter(store: store)
        try await running(committer) {
            let blocker = try seal(0)
            let first = Task { try await committer.seal(blocker, timeout: .seconds(60)) }
            try await eventually("the first is in flight") { gate.groups.count == 1 }
            let seals = try (1...5).map { try seal($0) }
            let append = AppendRequest(log: try SpaceName("log"), entries: [entry()])
            let old = seals.map { seal in Task { try await committer.seal(seal, timeout: .seconds(60)) } }
            let new = Task { try await committer.append(append, timeout: .seconds(60)) }
            try await eventually("all others wait") { committer.waitingCount == 6 }
            gate.open()
            _ = try await first.value
            for task in old { _ = try await task.value }
            let error = await #expect(throws: StoreError.self) { try await new.value }
            #expect(error?.code == .wrongDeployment)
        }
        #expect(gate.groups.map(\.count) == [1, 6, 5, 1])
    }

    @Test("the error of a group is everybody's, except where one member alone is to blame")
    func sharesErrors() async throws {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        let gate = Gate()
        let bad = try seal(13)
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind else { return .none }
            await gate.pass(group)
            let isBad = group.contains { $0.records.contains(bad.id) }
            return isBad ? .before(StoreError(.corrupt, "one bad row")) : .none
        }
        let committer = GroupCommitter(store: store)
        try await running(committer) {
            let blocker = try seal(0)
            let first = Task { try await committer.seal(blocker, timeout: .seconds(60)) }
            try await eventually("the first is in flight") { gate.groups.count == 1 }
            let good = try seal(1)
            let results = (
                Task { try await committer.seal(bad, timeout: .seconds(60)) },
                Task { try await committer.seal(good, timeout: .seconds(60)) }
            )
            gate.open()
            _ = try await first.value
            _ = try await results.1.value
            let error = await #expect(throws: StoreError.self) { try await results.0.value }
            #expect(error?.code == .corrupt)
        }
    }
}
