import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct ProjectionLaneTests {
    private func row(_ member: Int, _ change: Int64) -> ScoreRow {
        ScoreRow(
            member: Key(member), score: change, subscore: 0, submissions: 1, change: change, reached: change,
            metadata: nil, updatedAtMillis: 0, isRemoved: false)
    }

    @Test("own changes go to Redis directly, those that follow each other in one call")
    func direct() {
        var lane = ProjectionLane()
        #expect(lane.next() == .rest)
        lane.committed(1...2, rows: [row(1, 1), row(2, 2)])
        lane.committed(3...3, rows: [row(3, 3)])
        #expect(lane.next() == .apply([row(1, 1), row(2, 2), row(3, 3)], from: 0, through: 3))
        lane.take(.applied(through: 3))
        #expect(lane.next() == .rest && lane.cursor == 3 && lane.lag == 0)
    }

    @Test("changes of another process are waited for, then read")
    func gap() {
        var lane = ProjectionLane()
        lane.committed(5...5, rows: [row(1, 5)])
        for wait in 1...3 {
            #expect(lane.next() == .apply([row(1, 5)], from: 4, through: 5))
            lane.take(.gap(at: 2))
            #expect(lane.next() == .wait(wait))
        }
        #expect(lane.next() == .apply([row(1, 5)], from: 4, through: 5))
        lane.take(.gap(at: 2))
        #expect(lane.next() == .read(after: 2))
        lane.take(.applied(through: 7))
        lane.take(.read(through: 7, last: 7))
        #expect(lane.next() == .rest && lane.cursor == 7)
    }

    @Test("a suspicion is answered by a reading that began after it")
    func suspicion() {
        var lane = ProjectionLane()
        lane.suspect()
        #expect(lane.next() == .inspect)
        lane.take(.inspected(4))
        #expect(lane.next() == .read(after: 4))
        lane.suspect()
        lane.take(.read(through: 4, last: 4))
        #expect(lane.next() == .read(after: 4))
        lane.take(.read(through: 4, last: 4))
        #expect(lane.next() == .rest)
    }

    @Test("a season that Redis lacks is loaded, and what came meanwhile is read")
    func load() {
        var lane = ProjectionLane()
        lane.suspect()
        _ = lane.next()
        lane.take(.inspected(nil))
        #expect(lane.next() == .load(anew: false) && lane.isLoading)
        lane.committed(9...9, rows: [row(1, 9)])
        lane.take(.loaded(through: 8))
        #expect(lane.next() == .read(after: 8) && !lane.isLoading)
        lane.take(.read(through: 9, last: 9))
        #expect(lane.next() == .rest)
    }

    @Test("a store that was put back is no endless task")
    func wentBack() {
        var lane = ProjectionLane()
        lane.committed(5...5, rows: [row(1, 5)])
        _ = lane.next()
        lane.take(.applied(through: 5))
        lane.take(.ahead)
        #expect(lane.next() == .load(anew: true))
        lane.take(.loaded(through: 3))
        #expect(lane.next() == .read(after: 3))
        lane.take(.read(through: 3, last: 3))
        #expect(lane.next() == .rest)
    }

    @Test("what is kept at hand is bounded")
    func bounded() {
        var lane = ProjectionLane(limits: .init(rows: 3))
        lane.committed(1...3, rows: [row(1, 1), row(2, 2), row(3, 3)])
        lane.committed(4...4, rows: [row(4, 4)])
        #expect(lane.next() == .inspect)
        lane.committed(5...5, rows: [row(5, 5)])
        lane.take(.inspected(0))
        #expect(lane.next() == .read(after: 0))
        lane.take(.read(through: 5, last: 5))
        #expect(lane.next() == .rest)
    }

    @Test("several processes bring Redis to the store's state, over losses, roll-backs and crashes")
    func histories() throws {
        for seed in 1...2_000 {
            var fleet = LaneFleet(seed: UInt64(seed))
            try fleet.play()
        }
    }
}

/// Processes that commit and project, a store, and a Redis that forgets now and then.
private struct LaneFleet {
    private struct Index: Equatable {
        var cursor: Int64
        var scores: [Key: Int64] = [:]
    }

    private var random: SeededGenerator
    private var lanes: [ProjectionLane]
    private var table: [ScoreRow] = []
    private var last: Int64 = 0
    private var redis: Index?
    private var saved: Index?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        lanes = (0..<3).map { _ in ProjectionLane(limits: .init(rows: 6, call: 4, patience: 2)) }
    }

    mutating func play() throws {
        for _ in 0..<80 {
            let process = Int.random(in: 0..<lanes.count, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0: redis = nil
            case 1: saved = redis
            case 2: if let saved, redis != nil { redis = saved }
            case 3: lanes[process] = ProjectionLane(limits: lanes[process].limits)
            case 4...6: commit(process)
            default: step(process)
            }
        }
        // The slow duty of one process finds whatever is wrong.
        lanes[0].suspect()
        for _ in 0..<400 where lanes[0].hasWork { step(0) }
        #expect(!lanes[0].hasWork)
        let wanted = Dictionary(uniqueKeysWithValues: table.map { ($0.member, $0.score) })
        #expect(redis == Index(cursor: last, scores: wanted))
        // Nobody takes anything back afterwards.
        for process in lanes.indices {
            for _ in 0..<400 where lanes[process].hasWork { step(process) }
            #expect(!lanes[process].hasWork && redis == Index(cursor: last, scores: wanted))
        }
    }

    private mutating func commit(_ process: Int) {
        let first = last + 1
        var rows: [ScoreRow] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            last += 1
            let member = Key(Int.random(in: 0..<5, using: &random))
            let row = ScoreRow(
                member: member, score: last * 10, subscore: 0, submissions: 1, change: last, reached: last,
                metadata: nil, updatedAtMillis: 0, isRemoved: false)
            table.removeAll { $0.member == member }
            table.append(row)
            rows.append(row)
        }
        lanes[process].committed(first...last, rows: Bool.random(using: &random) ? rows : nil)
    }

    private mutating func step(_ process: Int) {
        // A request whose answer is lost leaves the lane in doubt.
        let isLost = Int.random(in: 0..<10, using: &random) == 0
        switch lanes[process].next() {
        case .rest: break
        case .wait: break
        case .inspect:
            if isLost { return lanes[process].suspect() }
            lanes[process].take(.inspected(redis?.cursor))
        case .apply(let rows, let from, let through):
            apply(process, rows, from, through, isLost: isLost) { $0.take(.applied(through: $1)) }
        case .read(let after):
            let page = Array(table.filter { $0.change > after }.prefix(2))
            let through = page.count < 2 ? last : page[1].change
            guard through > after else { return lanes[process].take(.read(through: after, last: last)) }
            let seen = last
            apply(process, page, after, through, isLost: isLost) { lane, _ in
                lane.take(.read(through: through, last: seen))
            }
        case .load:
            if isLost { return lanes[process].suspect() }
            redis = Index(cursor: last, scores: Dictionary(uniqueKeysWithValues: table.map { ($0.member, $0.score) }))
            lanes[process].take(.loaded(through: last))
        }
    }

    private mutating func apply(
        _ process: Int, _ rows: [ScoreRow], _ from: Int64, _ through: Int64, isLost: Bool,
        done: (inout ProjectionLane, Int64) -> Void
    ) {
        guard let cursor = redis?.cursor else { return lanes[process].take(.lost) }
        guard cursor >= from else { return lanes[process].take(.gap(at: cursor)) }
        if cursor < through {
            for row in rows where row.change > cursor { redis?.scores[row.member] = row.score }
            redis?.cursor = through
        }
        if isLost { lanes[process].suspect() } else { done(&lanes[process], max(cursor, through)) }
    }
}
