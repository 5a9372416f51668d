import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite("Durable scores whose first answer was lost") struct LateAnswerTests {
    @Test("Redis has to have the row of an answer that names no changes")
    func reached() async throws {
        var calls = ScoreCalls()
        let table = try SpaceName("board:arena")
        let (call, changes) = calls.open(1)
        let row = ScoreRow(
            member: try Key("ann"), score: 1, subscore: 0, submissions: 1, change: 7, reached: 7, metadata: nil,
            updatedAtMillis: 0, isRemoved: false)
        let settled = ScoreBatcher.Settled(
            id: changes.lowerBound, table: table, outcome: .accepted(row, changed: false))
        #expect(calls.settle([settled], [:]).isEmpty)
        let reply = await withCheckedContinuation { continuation in
            if let reply = calls.wait(call, continuation) { continuation.resume(returning: reply) }
        }
        let answer = try reply.get()
        #expect(answer.reached == [table: 7])
    }

    @Test("a member that was removed in the meantime does not make the call read as refused")
    func removed() async throws {
        let inner = InMemoryStore(deployment: "d")
        _ = try await inner.migrate(DeploymentTimings())
        let groups = Mutex(0)
        let store = FailingStore(inner) { call in
            guard case .execute(let group) = call.kind, case .submit(let batch)? = group.first else { return .none }
            let number = groups.withLock { count in
                count += 1
                return count
            }
            guard number > 1 else { return .after() }
            let removal = ScoreSubmission(
                table: batch.submissions[0].table, member: batch.submissions[0].member, action: .remove)
            _ = try? await inner.execute([.submit(ScoreBatch(id: .random(), submissions: [removal]))])
            return .none
        }
        let redis = try await PrivateRedis.start()
        try await withMemoryStore(on: redis, deployment: "d", store: store) { memory in
            let board = try await memory.createBoard("arena", BoardSettings())
            let submissions = try ["ann", "ben"].map { BoardSubmission(member: try Key($0), score: 1) }
            let error = await #expect(throws: MemoryStoreError.self) { try await board.submit(submissions) }
            #expect(error?.code == .outcomeUnknown)
            let stored = try await board.stored(submissions.map(\.member))
            #expect(stored.map { $0?.score } == [nil, 1])
        }
    }
}
