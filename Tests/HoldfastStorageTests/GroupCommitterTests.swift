import Logging
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

    @Test("a store that goes away while members are tried one by one leaves the rest unknown, without asking for each")
    func stopsTrying() async throws {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind else { return .none }
            if group.count > 1 { return .before(StoreError(.corrupt, "one bad row")) }
            return call.number == 2 ? .none : .before()
        }
        let requests = try (1...50).map { StoreRequest.seal(try seal($0)) }
        let codes = await GroupRunner(store: store, logger: Logger(label: "test")).run(requests).map { reply in
            if case .failure(let error) = reply { error.code } else { nil as StoreError.Code? }
        }
        #expect(codes.first == .some(nil) && codes.dropFirst().allSatisfy { $0 == .outcomeUnknown })
        #expect(codes.count == 50 && store.callCount == 3)
    }

    @Test(
        "after a group that was committed and not understood, an outage or a refusal of a member is in doubt",
        arguments: [StoreError.Code.badInput, .corrupt, .newerSchema, .internalError])
    func doubtsMembers(code: StoreError.Code) async throws {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        let sealed = try seal(1)
        _ = try await memory.execute([.seal(sealed)])
        let release = CommitRequest(writes: [
            RecordWrite(
                id: sealed.id, fence: sealed.token, nonce: sealed.owner.nonce, version: 0, saveID: .random(),
                change: .none, releases: true)
        ])
        let table = try SpaceName("table")
        let batch = ScoreBatch(
            id: .random(),
            submissions: [
                ScoreSubmission(
                    table: table, member: Key(1),
                    action: .submit(score: 1, subscore: 0, rule: ScoreRule(scoreOperator: .increment)))
            ])
        let requests = [StoreRequest.commit(release), .seal(try seal(2)), .submit(batch), .seal(try seal(3))]
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind else { return .none }
            if group.count > 1 { return .after(StoreError(code, "one answer cannot be read")) }
            if case .submit = group[0] { return .before() }
            return .none
        }
        let runner = GroupRunner(store: store, logger: Logger(label: "test"))
        let codes: [StoreError.Code?] = await runner.run(requests).map { reply in
            if case .failure(let error) = reply { error.code } else { nil }
        }
        #expect(codes == [.outcomeUnknown, nil, .outcomeUnknown, .outcomeUnknown])
        // The repetition under the same id counts once.
        _ = try await memory.execute([.submit(batch)])
        let rows = try await memory.scores(of: table, members: [Key(1)])
        #expect(rows.map { $0?.score } == [1])
    }

    @Test("a verdict or a new generation that a member tried again meets is in doubt as well")
    func doubtsVerdicts() async throws {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        let seals = [try seal(1), try seal(2)]
        _ = try await memory.execute(seals.map { .seal($0) })
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind, group.count > 1 else { return .none }
            return .after(StoreError(.corrupt, "one answer cannot be read"))
        }
        func check(_ seal: SealRequest) -> RecordWrite {
            RecordWrite(
                id: seal.id, fence: seal.token, nonce: seal.owner.nonce, version: 0, saveID: .random(), change: .none)
        }
        let requests = [
            StoreRequest.commit(
                CommitRequest(
                    writes: [check(seals[0])], decision: Decision(trade: .random(), verdict: .committed))),
            .commit(CommitRequest(writes: [check(seals[1])], generation: 4)),
            .decide(Decision(trade: .random(), verdict: .aborted)),
        ]
        let codes: [StoreError.Code?] = await GroupRunner(store: store, logger: Logger(label: "test")).run(requests)
            .map { reply in
                if case .failure(let error) = reply { error.code } else { nil }
            }
        // A trade that is decided once more gives the same verdict.
        #expect(codes == [.outcomeUnknown, .outcomeUnknown, nil])
    }

    @Test("a store that closes or denies while members are tried again leaves them in doubt")
    func doubtsTheEnd() async throws {
        let memory = InMemoryStore(deployment: "test")
        _ = try await memory.migrate(DeploymentTimings())
        for code in [StoreError.Code.closed, .denied, .deadline] {
            let store = FailingStore(memory) { call in
                guard case .execute(let group) = call.kind else { return .none }
                return group.count > 1 ? .after(StoreError(.corrupt, "one bad row")) : .before(StoreError(code, "gone"))
            }
            let requests = try (1...3).map { StoreRequest.seal(try seal($0)) }
            for reply in await GroupRunner(store: store, logger: Logger(label: "test")).run(requests) {
                guard case .failure(let error) = reply else {
                    Issue.record("not failed")
                    continue
                }
                #expect(error.code == .outcomeUnknown)
            }
        }
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
