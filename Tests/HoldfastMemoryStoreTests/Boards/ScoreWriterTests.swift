import HoldfastStorage
import Logging
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite("Durable scores before the store of structures runs", .timeLimit(.minutes(2)))
struct ScoreWriterTests {
    @Test("a score that nobody sends ends at its deadline, and leaves nothing behind")
    func beforeRunning() async throws {
        let store = InMemoryStore(deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        let logger = Logger(label: "test")
        let durable = MemoryStore.Durable(
            store: store, committer: GroupCommitter(store: store, logger: logger), timeout: .seconds(5))
        let writer = ScoreWriter(durable, wallClock: { 0 }, logger: logger)
        let target = SeasonTarget(
            space: BoardSpace(board: "arena", generation: RandomID(high: 1, low: 2)),
            calendar: SeasonCalendar(schedule: .never, tournament: nil))
        let change = ScoreWriter.Change(
            target: target, member: Key(1),
            action: .submit(score: 1, subscore: 0, rule: ScoreRule(scoreOperator: .increment)))
        let error = await #expect(throws: StoreError.self) {
            _ = try await writer.write([change], timeout: .milliseconds(20))
        }
        #expect(error?.code == .deadline)
        #expect(writer.state.withLock { !$0.batcher.hasWaiting })
    }
}
