import Logging
import Testing

@testable import HoldfastStorage

@Suite("Members of a group that are tried by themselves")
struct GroupRunnerTests {
    private func seal(_ key: Int, token: Int64 = 1) throws -> SealRequest {
        SealRequest(
            id: RecordID(collection: try CollectionName("test"), key: Key(key)), token: token,
            owner: Owner(nonce: .random(), server: "s", boot: .random())
        )
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
}
