import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct ScoreBatcherTests {
    private static let space = BoardSpace(board: "arena", generation: RandomID(high: 1, low: 2))
    private static let start = ContinuousClock.now

    private func target(_ schedule: String = "never") throws -> SeasonTarget {
        SeasonTarget(
            space: Self.space, calendar: SeasonCalendar(schedule: try ResetSchedule(schedule), tournament: nil))
    }

    private func entry(
        _ id: UInt64, _ member: Int, _ score: Int64 = 1, _ word: ScoreOperator = .increment,
        in target: SeasonTarget, after: Duration = .seconds(5)
    ) -> ScoreBatcher.Entry {
        ScoreBatcher.Entry(
            id: id, target: target, member: Key(member),
            action: .submit(score: score, subscore: 0, rule: ScoreRule(scoreOperator: word)),
            deadline: Self.start + after)
    }

    private func next(
        _ batcher: inout ScoreBatcher, alsoBehind: Bool = true, wall: Int64 = 0
    ) -> ScoreBatcher.Batch? {
        batcher.next(id: .random(), now: Self.start, wall: wall, alsoBehind: alsoBehind)
    }

    private func outcome(of batch: ScoreBatcher.Batch) -> ScoreBatchOutcome {
        let outcomes = batch.submissions.map { submission in
            ScoreOutcome.accepted(
                ScoreRow(
                    member: submission.member, score: 1, subscore: 0, submissions: 1, change: 1, reached: 1,
                    metadata: nil, updatedAtMillis: 0, isRemoved: false), changed: true)
        }
        return ScoreBatchOutcome(outcomes: outcomes, generations: [:], changes: [:])
    }

    @Test("one batch is under way at a time, and holds no more than it may")
    func oneAtATime() throws {
        var batcher = ScoreBatcher()
        let target = try target()
        for id in 1...300 { batcher.add(entry(UInt64(id), id, in: target), wall: 0) }
        let first = try #require(next(&batcher))
        #expect(first.submissions.count == 256 && next(&batcher) == nil)
        guard case .settled(let settled) = batcher.answered(.success(outcome(of: first)), now: Self.start, wall: 0)
        else { throw Unexpected() }
        #expect(settled.map(\.id) == (1...256).map { UInt64($0) })
        #expect(try #require(next(&batcher)).submissions.map(\.member) == (257...300).map { Key($0) })
    }

    @Test("a batch whose answer was lost is repeated, with the same id and content, whatever fails after it")
    func repeats() throws {
        var batcher = ScoreBatcher()
        let target = try target()
        batcher.add(entry(1, 1, in: target, after: .seconds(1)), wall: 0)
        let batch = try #require(next(&batcher))
        batcher.add(entry(2, 2, in: target), wall: 0)
        for (tries, code) in [StoreError.Code.outcomeUnknown, .unavailable, .deadline, .badInput, .closed].enumerated()
        {
            let later = Self.start + .seconds(100)
            guard case .again(tries + 1) = batcher.answered(.failure(StoreError(code, "")), now: later, wall: 0) else {
                throw Unexpected()
            }
            let again = try #require(batcher.underWay)
            #expect(again.id == batch.id && again.submissions == batch.submissions && again.isRepeated)
            #expect(next(&batcher) == nil)
        }
        #expect(batcher.expire(now: Self.start + .seconds(2)).overdue == [1])
        guard case .settled(let settled) = batcher.answered(.success(outcome(of: batch)), now: Self.start, wall: 0)
        else { throw Unexpected() }
        #expect(settled.map(\.id) == [1])
        #expect(try #require(next(&batcher)).submissions.map(\.member) == [Key(2)])
    }

    @Test("an answer that never comes is given up before the store forgets the batch")
    func givesUp() throws {
        var batcher = ScoreBatcher()
        batcher.add(entry(1, 1, in: try target()), wall: 0)
        _ = next(&batcher)
        let lost = StoreError(.outcomeUnknown, "")
        guard case .again = batcher.answered(.failure(lost), now: Self.start + .seconds(2_999), wall: 0) else {
            throw Unexpected()
        }
        let unavailable = StoreError(.unavailable, "")
        guard
            case .failed([1], 0, let error) = batcher.answered(
                .failure(unavailable), now: Self.start + .seconds(3_001), wall: 0)
        else { throw Unexpected() }
        #expect(error.code == .outcomeUnknown && batcher.isIdle)
    }

    @Test("what certainly did not happen goes again until its deadline, under a new id")
    func triesAgain() throws {
        var batcher = ScoreBatcher()
        let target = try target()
        batcher.add(entry(1, 1, in: target, after: .seconds(1)), wall: 0)
        batcher.add(entry(2, 2, in: target, after: .seconds(9)), wall: 0)
        let first = try #require(next(&batcher))
        guard
            case .failed([1], 0, let error) = batcher.answered(
                .failure(StoreError(.unavailable, "")), now: Self.start + .seconds(2), wall: 0)
        else { throw Unexpected() }
        #expect(error.code == .unavailable)
        let second = try #require(next(&batcher))
        #expect(second.id != first.id && second.submissions.map(\.member) == [Key(2)])
        guard case .failed([2], 0, _) = batcher.answered(.failure(StoreError(.denied, "")), now: Self.start, wall: 0)
        else { throw Unexpected() }
        #expect(batcher.isIdle)
    }

    @Test("fast changes follow behind, joined by member, and are never dropped by a store that is away")
    func followsBehind() throws {
        var batcher = ScoreBatcher()
        let table = Self.space.table(0)
        func fast(_ score: Int64, _ word: ScoreOperator = .increment) -> FastChange {
            FastChange(pair: ScorePair(score: score, subscore: 0), rule: ScoreRule(scoreOperator: word))
        }
        batcher.follow(fast(2), table: table, member: Key(1))
        batcher.follow(fast(3), table: table, member: Key(1))
        batcher.follow(fast(4), table: table, member: Key(2))
        #expect(batcher.behindCount == 2)
        #expect(next(&batcher, alsoBehind: false) == nil)
        var batch = try #require(next(&batcher))
        #expect(batch.submissions.map(\.count) == [2, 1])
        #expect(batch.submissions[0].action == .submit(score: 5, subscore: 0, rule: fast(0).rule))
        _ = batcher.answered(.failure(StoreError(.unavailable, "")), now: Self.start, wall: 0)
        _ = batcher.answered(.failure(StoreError(.closed, "")), now: Self.start, wall: 0)
        batch = try #require(next(&batcher))
        #expect(batch.submissions.map(\.count) == [2, 1])
        _ = batcher.answered(.success(outcome(of: batch)), now: Self.start, wall: 0)
        #expect(batcher.isIdle && batcher.unsavedCount == 0)
    }

    private func fast(_ score: Int64) -> FastChange {
        FastChange(pair: ScorePair(score: score, subscore: 0), rule: ScoreRule(scoreOperator: .increment))
    }

    @Test("fast changes that cannot be joined are bounded, too, wherever they are")
    func bounded() throws {
        var batcher = ScoreBatcher(limits: ScoreBatcher.Limits(behind: 5, batch: 2, behindShare: 1))
        let table = Self.space.table(0)
        for count in 0..<3 {
            #expect(batcher.hasRoomBehind(for: 5 - count) && !batcher.hasRoomBehind(for: 6 - count))
            batcher.follow(fast(-1), table: table, member: Key(1))
        }
        // Behind no more, but waiting before a change of the same member.
        batcher.add(entry(1, 1, in: try target()), wall: 0)
        #expect(batcher.hasRoomBehind(for: 2) && !batcher.hasRoomBehind(for: 3))
        let batch = try #require(next(&batcher))
        #expect(batch.submissions.count == 2 && !batcher.hasRoomBehind(for: 3))
        _ = batcher.answered(.failure(StoreError(.unavailable, "")), now: Self.start, wall: 0)
        #expect(!batcher.hasRoomBehind(for: 3))
        _ = next(&batcher)
        _ = batcher.answered(.success(outcome(of: batch)), now: Self.start, wall: 0)
        #expect(batcher.hasRoomBehind(for: 4) && !batcher.hasRoomBehind(for: 5))
    }

    @Test("fast changes that are given up are counted")
    func lostFast() throws {
        for code in [StoreError.Code.badInput, .corrupt] {
            var batcher = ScoreBatcher()
            for member in 1...3 { batcher.follow(fast(1), table: Self.space.table(0), member: Key(member)) }
            batcher.add(entry(1, 4, in: try target()), wall: 0)
            _ = next(&batcher)
            guard case .failed([1], 3, _) = batcher.answered(.failure(StoreError(code, "")), now: Self.start, wall: 0)
            else { throw Unexpected() }
            #expect(batcher.isIdle)
        }
        var batcher = ScoreBatcher()
        batcher.follow(fast(1), table: Self.space.table(0), member: Key(1))
        _ = next(&batcher)
        let lost = StoreError(.outcomeUnknown, "")
        guard case .failed([], 1, _) = batcher.answered(.failure(lost), now: Self.start + .seconds(3_001), wall: 0)
        else { throw Unexpected() }
    }

    @Test("a change takes along what is behind for the same member")
    func takesAlong() throws {
        var batcher = ScoreBatcher()
        let rule = ScoreRule(scoreOperator: .set)
        for member in 1...2 {
            batcher.follow(
                FastChange(pair: ScorePair(score: 5, subscore: 0), rule: rule), table: Self.space.table(0),
                member: Key(member))
        }
        batcher.add(entry(1, 2, 7, .set, in: try target()), wall: 0)
        let batch = try #require(next(&batcher, alsoBehind: false))
        #expect(batch.submissions.map(\.member) == [Key(2), Key(2), Key(1)])
        #expect(batch.submissions[1].action == .submit(score: 7, subscore: 0, rule: rule))
    }

    @Test("what is behind gets a part of every batch")
    func share() throws {
        var batcher = ScoreBatcher()
        let target = try target()
        let rule = ScoreRule()
        for id in 1...1_000 { batcher.add(entry(UInt64(id), id, in: target), wall: 0) }
        for member in 2_001...2_100 {
            batcher.follow(
                FastChange(pair: ScorePair(score: 5, subscore: 0), rule: rule), table: Self.space.table(0),
                member: Key(member))
        }
        let batch = try #require(next(&batcher))
        #expect(
            batch.submissions.count == 256 && batcher.behindCount == 100 - 64 && batcher.waitingCount == 1_000 - 192)
    }

    @Test("a change follows the store's clock into its season, and later ones go there at once")
    func moves() throws {
        var batcher = ScoreBatcher()
        let target = try target("* * * * *")
        batcher.add(entry(1, 1, in: target), wall: 59_000)
        let first = try #require(next(&batcher, wall: 59_000))
        #expect(first.submissions[0].table == Self.space.table(0))
        #expect(first.submissions[0].conditions.window == 0..<60_000)
        let refused = ScoreBatchOutcome(
            outcomes: [.refused(.outsideWindow(nowMillis: 61_000))], generations: [:], changes: [:])
        guard case .settled(let none) = batcher.answered(.success(refused), now: Self.start, wall: 59_000) else {
            throw Unexpected()
        }
        #expect(none.isEmpty)
        let second = try #require(next(&batcher, wall: 59_000))
        #expect(second.submissions[0].table == Self.space.table(60_000))
        _ = batcher.answered(.success(outcome(of: second)), now: Self.start, wall: 59_000)
        batcher.add(entry(2, 2, in: target), wall: 59_500)
        let third = try #require(next(&batcher, wall: 59_500))
        #expect(third.submissions[0].table == Self.space.table(60_000))
    }

    @Test("a board that is closed by every clock refuses")
    func closed() throws {
        var batcher = ScoreBatcher()
        let calendar = SeasonCalendar(
            schedule: .never, tournament: Tournament(startsAtMillis: 1_000, endsAtMillis: 2_000))
        batcher.add(entry(1, 1, in: SeasonTarget(space: Self.space, calendar: calendar)), wall: 5_000)
        _ = next(&batcher)
        let refused = ScoreBatchOutcome(
            outcomes: [.refused(.outsideWindow(nowMillis: 5_000))], generations: [:], changes: [:])
        guard case .settled(let settled) = batcher.answered(.success(refused), now: Self.start, wall: 5_000) else {
            throw Unexpected()
        }
        #expect(settled.map(\.outcome) == [.refused(.outsideWindow(nowMillis: 5_000))])
    }

    @Test("every change takes effect exactly as often as its answer says, over lost answers and clocks apart")
    func histories() throws {
        for seed in 1...500 {
            var run = BatcherRun(seed: UInt64(seed))
            try run.play()
        }
    }

    @Test("names of tables are read back, and no others")
    func names() throws {
        for board in ["a", "a:b", "ü:1", "board:", String(repeating: "x", count: 128)] {
            let space = BoardSpace(board: board, generation: .random())
            for season in [0, 1, 1_772_323_200_000, 253_402_300_799_999] as [Int64] {
                let parsed = try #require(BoardSpace.parse(space.table(season)))
                #expect(parsed.space == space && parsed.season == season)
            }
            #expect(space.table(5) < space.table(10))
            #expect(BoardSpace.parse(BoardSpace.definition(of: board)) == nil)
            #expect(BoardSpace.parse(try SpaceName("\(space.tables)5")) == nil)
        }
    }
}

private struct Unexpected: Error {}

/// A process with changes, and a store that fails, both with clocks of their own.
private struct BatcherRun {
    private var random: SeededGenerator
    private var batcher = ScoreBatcher(
        limits: ScoreBatcher.Limits(waiting: 50, behind: 20, batch: 8, behindShare: 2, moves: 3))
    private var now = ContinuousClock.now
    private var storeClock: Int64
    private let skew: Int64
    private let target: SeasonTarget
    private var counters: [SpaceName: ScoreCounter] = [:]
    private var rows: [SpaceName: [Key: ScoreCounter.Row]] = [:]
    private var seen: [RandomID: ScoreBatchOutcome] = [:]
    /// Sent and answered amounts by member.
    private var certain: [Key: Int64] = [:]
    private var unknown: [Key: Int64] = [:]
    private var amounts: [UInt64: (Key, Int64)] = [:]
    private var lastID: UInt64 = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        storeClock = Int64.random(in: 60_000_000...120_000_000, using: &random)
        skew = Int64.random(in: -90_000...90_000, using: &random)
        let schedule = (try? ResetSchedule("* * * * *")) ?? .never
        target = SeasonTarget(
            space: BoardSpace(board: "b", generation: RandomID(high: 0, low: 1)),
            calendar: SeasonCalendar(schedule: schedule, tournament: nil))
    }

    private var wall: Int64 { storeClock + skew }

    mutating func play() throws {
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 0...6, using: &random) { add() }
            let passes = Int64.random(in: 0...8_000, using: &random)
            storeClock += passes
            now += .milliseconds(passes)
            let gone = batcher.expire(now: now)
            for id in gone.unsent { amounts[id] = nil }
            for id in gone.overdue { forget(id) }
            if batcher.underWay == nil {
                guard send(alsoBehind: Bool.random(using: &random)) else { continue }
            }
            guard let batch = batcher.underWay else { continue }
            #expect(batch.submissions.count <= 8)
            answer(batch)
        }
        // The store comes back for good.
        for _ in 0..<200 where !batcher.isIdle {
            guard batcher.underWay != nil || send(alsoBehind: true), let batch = batcher.underWay else { continue }
            answer(batch, fault: 9)
        }
        #expect(batcher.isIdle)
        for member in Set(rows.values.flatMap(\.keys)).union(certain.keys) {
            let total = rows.values.reduce(0) { $0 + ($1[member]?.row.score ?? 0) }
            let sure = certain[member] ?? 0
            #expect(total >= sure && total <= sure + (unknown[member] ?? 0), "member \(member): \(total), \(sure)")
        }
    }

    private mutating func send(alsoBehind: Bool) -> Bool {
        let (id, wall) = (RandomID.random(using: &random), wall)
        return batcher.next(id: id, now: now, wall: wall, alsoBehind: alsoBehind) != nil
    }

    private mutating func add() {
        let member = Key(Int.random(in: 0..<6, using: &random))
        let amount = Int64.random(in: 1...9, using: &random)
        let rule = ScoreRule(scoreOperator: .increment)
        if Bool.random(using: &random) {
            guard batcher.hasRoomBehind(for: 1) else { return }
            let season = target.calendar.season(at: wall)
            batcher.follow(
                FastChange(pair: ScorePair(score: amount, subscore: 0), rule: rule),
                table: target.space.table(season.id), member: member)
            certain[member, default: 0] += amount
        } else {
            guard batcher.hasRoom(for: 1) else { return }
            lastID += 1
            amounts[lastID] = (member, amount)
            let deadline = now + .milliseconds(Int64.random(in: 1...20_000, using: &random))
            let wall = wall
            batcher.add(
                ScoreBatcher.Entry(
                    id: lastID, target: target, member: member,
                    action: .submit(score: amount, subscore: 0, rule: rule), deadline: deadline),
                wall: wall)
        }
    }

    /// The caller has gone without an answer.
    private mutating func forget(_ id: UInt64) {
        guard let (member, amount) = amounts.removeValue(forKey: id) else { return }
        unknown[member, default: 0] += amount
    }

    private mutating func answer(_ batch: ScoreBatcher.Batch, fault: Int? = nil) {
        let result: Result<ScoreBatchOutcome, StoreError>
        switch fault ?? Int.random(in: 0..<10, using: &random) {
        case 0: result = .failure(StoreError(.unavailable, ""))
        case 1: result = .failure(StoreError(.outcomeUnknown, ""))
        case 2:
            _ = apply(batch)
            result = .failure(StoreError(.outcomeUnknown, ""))
        case 3: result = .failure(StoreError(.diskFull, ""))
        default: result = .success(apply(batch))
        }
        let wall = wall
        switch batcher.answered(result, now: now, wall: wall) {
        case .settled(let settled):
            for change in settled {
                guard let (member, amount) = amounts.removeValue(forKey: change.id) else { continue }
                switch change.outcome {
                case .accepted: certain[member, default: 0] += amount
                default: break
                }
            }
        case .again: break
        case .failed(let ids, _, _):
            for id in ids { amounts[id] = nil }
        }
    }

    private mutating func apply(_ batch: ScoreBatcher.Batch) -> ScoreBatchOutcome {
        if let known = seen[batch.id] { return known }
        var outcomes: [ScoreOutcome] = []
        for submission in batch.submissions {
            let table = submission.table
            var counter = counters[table] ?? ScoreCounter(generation: RandomID(high: 0, low: 0))
            switch counter.decide(submission, stored: rows[table]?[submission.member], now: storeClock) {
            case .pass(let outcome): outcomes.append(outcome)
            case .write(let row, let outcome):
                rows[table, default: [:]][submission.member] = row
                outcomes.append(outcome)
                if submission.conditions.window != nil {
                    // What somebody waits for lands in the season of the store's own clock.
                    #expect(table == target.space.table(target.calendar.season(at: storeClock).id))
                }
            }
            counters[table] = counter
        }
        let outcome = ScoreBatchOutcome(outcomes: outcomes, generations: [:], changes: [:])
        seen[batch.id] = outcome
        return outcome
    }
}
