import HoldfastStorage
import Testing

@testable import HoldfastMemoryStore

@Suite("The seasons that a profile's score is offered to") struct ProjectionTargetTests {
    private static let day: Int64 = 86_400_000
    private static let reset = 20_000 * day

    private func record(_ tournament: Tournament? = nil) -> BoardRecord {
        BoardRecord(
            space: BoardSpace(board: "arena", generation: RandomID(high: 1, low: 2)),
            settings: BoardSettings(schedule: .daily, tournament: tournament), createdAtMillis: 0)
    }

    private func targets(_ record: BoardRecord, _ millis: Int64) -> [ProjectionTarget] {
        record.projectionTargets(
            at: millis, current: record.calendar.season(at: millis), margin: MemoryStore.seasonMarginMillis)
    }

    @Test("both seasons close to a reset, one far from it")
    func resets() {
        let record = record()
        let (old, new) = (record.space.table(Self.reset - Self.day), record.space.table(Self.reset))
        for offset: Int64 in [-60_000, -1, 0, 59_999] {
            let close = targets(record, Self.reset + offset)
            #expect(close.map(\.table) == [old, new] && close.map(\.isCertain) == [false, false])
        }
        for (offset, table) in [(Int64(-60_001), old), (60_000, new)] {
            let far = targets(record, Self.reset + offset)
            #expect(far.map(\.table) == [table] && far.map(\.isCertain) == [true])
        }
        // There is none before the first.
        #expect(targets(record, 0).map(\.table) == [record.space.table(0)])
    }

    @Test("the last season of a tournament once, although a reset is close", arguments: [Int64(0), 1, 10_000])
    func tournamentEnds(before: Int64) {
        let end = Self.reset - before
        let record = record(Tournament(startsAtMillis: Self.reset - 3 * Self.day, endsAtMillis: end))
        for offset: Int64 in [-59_999, -1, 0, 1, 59_999] {
            let last = targets(record, end + offset)
            #expect(last.map(\.table) == [record.space.table(Self.reset - Self.day)])
            #expect(last.map(\.isCertain) == [false])
        }
        #expect(targets(record, end + 60_000).isEmpty)
    }

    @Test("a tournament that starts about now is not certain to take a score")
    func tournamentStarts() {
        let start = Self.reset + 3_600_000
        let record = record(Tournament(startsAtMillis: start))
        #expect(targets(record, start - 60_001).isEmpty)
        for (offset, isCertain) in [(Int64(-60_000), false), (59_999, false), (60_000, true)] {
            #expect(targets(record, start + offset).map(\.isCertain) == [isCertain])
        }
    }
}
