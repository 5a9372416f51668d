import DequeModule
import HoldfastStorage

/// Decides which changes of a process go to the store together, and what an answer means for each.
///
/// No I/O and no clock inside. One batch is under way at a time, so two changes of one caller never overtake each
/// other, and a batch whose answer was lost is repeated under its id, with the same content, until the store answers.
/// Changes that somebody waits for go first; what was acknowledged fast follows behind them, except that a change
/// takes along what is still behind for the same member.
struct ScoreBatcher {
    /// Bounds of the two queues and of a batch.
    struct Limits {
        /// Changes that somebody waits for.
        var waiting = 10_000
        /// Fast changes that the store does not have; those of a member that are joined count once.
        var behind = 65_536
        var batch = ScoreBatch.maximumSubmissions
        /// The part of a full batch that is kept for what is behind.
        var behindShare = 64
        /// How often a change follows the store's clock into another season.
        var moves = 3
        /// How long an answer is waited for: less than the store remembers a batch.
        var settling = Duration.seconds(3_000)
    }

    /// One change that somebody waits for.
    struct Entry: Sendable {
        let id: UInt64
        let target: SeasonTarget
        let member: Key
        let action: ScoreSubmission.Action
        var metadata: [UInt8]?
        var conditions = ScoreSubmission.Conditions()
        let deadline: ContinuousClock.Instant
    }

    /// What became of one change, and of which table.
    struct Settled: Sendable {
        let id: UInt64
        let table: SpaceName
        let outcome: ScoreOutcome
    }

    /// What to do after an answer.
    enum Step {
        /// The changes that are done; those not named here go again.
        case settled([Settled])
        /// Send ``underWay`` again after a pause that grows with the number of tries.
        case again(tries: Int)
        /// Nothing of these took effect, or nobody can tell: the error says which.
        ///
        /// So many fast changes, which nobody waits for, were given up with them.
        case failed([UInt64], lostFast: Int, StoreError)
    }

    struct Queued {
        /// Nil for a change that was acknowledged fast.
        let entry: Entry?
        /// Of a fast change.
        var fast: (place: Place, change: FastChange)?
        var moves = 0
    }

    struct Place: Hashable {
        let table: SpaceName
        let member: Key
    }

    private struct UnderWay {
        var batch: Batch
        let members: [Queued]
        let since: ContinuousClock.Instant
        var tries = 0
    }

    let limits: Limits
    private var waiting: Deque<Queued> = []
    private var waitingIDs: Set<UInt64> = []
    private var behind: [Place: FastChange] = [:]
    private var behindOrder: Deque<Place> = []
    private var current: UnderWay?
    /// How far the store's clock was ahead of this process's when it last told.
    private var clockOffset: Int64 = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Changes that somebody waits for and that are not under way.
    var waitingCount: Int { waitingIDs.count }
    /// Whether anything is to be sent besides what is behind.
    var hasWaiting: Bool { !waiting.isEmpty }
    /// Members whose fast changes are behind and not under way.
    var behindCount: Int { behind.count }
    /// The batch under way.
    var underWay: Batch? { current?.batch }
    /// Whether there is nothing left to send or to be answered.
    var isIdle: Bool { current == nil && waiting.isEmpty && behind.isEmpty }
    /// Fast changes that the store does not have yet.
    var unsavedCount: Int {
        behind.count + waiting.count - waitingIDs.count + (current?.members.count { $0.entry == nil } ?? 0)
    }

    // MARK: - Adding

    /// Whether so many more changes may wait.
    func hasRoom(for count: Int) -> Bool { waitingIDs.count + count <= limits.waiting }

    /// Adds a change at the end.
    ///
    /// - Parameter wall: The time of day, in milliseconds since 1970.
    mutating func add(_ entry: Entry, wall: Int64) {
        if !behind.isEmpty {
            let season = entry.target.resolve(at: wall + clockOffset).season
            let place = Place(table: entry.target.space.table(season.id), member: entry.member)
            // Its place in `behindOrder` is passed over later.
            if let fast = behind.removeValue(forKey: place) { waiting.append(Queued(entry: nil, fast: (place, fast))) }
        }
        waiting.append(Queued(entry: entry))
        waitingIDs.insert(entry.id)
    }

    /// Whether so many more fast changes find room, wherever those before them are.
    func hasRoomBehind(for count: Int) -> Bool { unsavedCount + count <= limits.behind }

    /// Takes note of a change that Redis has and the store has not; joins it with what is behind for the member.
    mutating func follow(_ change: FastChange, table: SpaceName, member: Key) {
        let place = Place(table: table, member: member)
        guard let earlier = behind[place] else {
            behind[place] = change
            behindOrder.append(place)
            return
        }
        if let joined = earlier.joined(with: change) {
            behind[place] = joined
        } else {
            waiting.append(Queued(entry: nil, fast: (place, earlier)))
            behind[place] = change
        }
    }

    /// Rows of the store with what is still behind for their members, so that projecting them takes nothing back.
    func withBehind(_ rows: [ScoreRow], of table: SpaceName) -> [ScoreRow] {
        guard !behind.isEmpty else { return rows }
        return rows.map { row in
            guard !row.isRemoved, let fast = behind[Place(table: table, member: row.member)],
                let pair = fast.rule.meet(
                    stored: ScorePair(score: row.score, subscore: row.subscore), submitted: fast.pair)
            else { return row }
            var row = row
            (row.score, row.subscore) = (pair.score, pair.subscore)
            row.submissions += Int64(fast.count)
            row.metadata = fast.metadata ?? row.metadata
            return row
        }
    }

    /// Removes and names what still waits although its deadline has passed, and names what is under way and overdue.
    mutating func expire(now: ContinuousClock.Instant) -> (unsent: [UInt64], overdue: [UInt64]) {
        let unsent = waiting.compactMap(\.entry).filter { $0.deadline <= now }.map(\.id)
        remove(Set(unsent))
        return (unsent, current?.members.compactMap(\.entry).filter { $0.deadline <= now }.map(\.id) ?? [])
    }

    /// Whether all of these wait, and none is under way or done.
    func isWaiting(_ ids: Set<UInt64>) -> Bool { waitingIDs.isSuperset(of: ids) }

    /// Whether one of these is under way.
    func isUnderWay(_ ids: Set<UInt64>) -> Bool {
        current?.members.contains { queued in queued.entry.map { ids.contains($0.id) } ?? false } ?? false
    }

    /// Removes changes that still wait; those under way or done stay.
    mutating func remove(_ ids: Set<UInt64>) {
        guard !waitingIDs.isDisjoint(with: ids) else { return }
        waitingIDs.subtract(ids)
        waiting.removeAll { queued in queued.entry.map { ids.contains($0.id) } ?? false }
    }

    // MARK: - Sending

    /// Forms the next batch; nil while one is under way, or when there is nothing to send.
    ///
    /// - Parameters:
    ///   - id: A fresh name for it.
    ///   - wall: The time of day, in milliseconds since 1970.
    ///   - alsoBehind: Whether to send what is behind though nothing else is to be sent and no batch is full.
    mutating func next(
        id: @autoclosure () -> RandomID, now: ContinuousClock.Instant, wall: @autoclosure () -> Int64, alsoBehind: Bool
    ) -> Batch? {
        guard current == nil, !waiting.isEmpty || alsoBehind || behind.count >= limits.batch else { return nil }
        // Changes that were taken along have left their places in the order.
        if behind.isEmpty { behindOrder.removeAll() }
        var members: [Queued] = []
        let share = behind.isEmpty ? limits.batch : limits.batch - limits.behindShare
        while members.count < share, let queued = waiting.popFirst() {
            if let entry = queued.entry { waitingIDs.remove(entry.id) }
            members.append(queued)
        }
        while members.count < limits.batch, let place = behindOrder.popFirst() {
            guard let change = behind.removeValue(forKey: place) else { continue }
            members.append(Queued(entry: nil, fast: (place, change)))
        }
        guard !members.isEmpty else { return nil }
        let millis = wall() + clockOffset
        var tables = LastTable()
        let batch = Batch(id: id(), submissions: members.map { Self.submission($0, at: millis, &tables) })
        current = UnderWay(batch: batch, members: members, since: now)
        return batch
    }

    // MARK: - Answers

    /// Takes the store's answer to ``underWay``.
    mutating func answered(
        _ result: Result<ScoreBatchOutcome, StoreError>, now: ContinuousClock.Instant, wall: Int64
    ) -> Step {
        guard let underWay = current else { return .settled([]) }
        switch result {
        case .success(let outcome) where outcome.outcomes.count == underWay.members.count:
            return settle(underWay, outcome.outcomes, wall: wall)
        case .success(let outcome):
            let text = "the store gave \(outcome.outcomes.count) outcomes to \(underWay.members.count) changes"
            return fail(underWay, StoreError(.internalError, text), now: now)
        case .failure(let error):
            return fail(underWay, error, now: now)
        }
    }

    private mutating func settle(_ underWay: UnderWay, _ outcomes: [ScoreOutcome], wall: Int64) -> Step {
        current = nil
        var settled: [Settled] = []
        var moved: [Queued] = []
        for (index, queued) in underWay.members.enumerated() {
            guard let entry = queued.entry else { continue }
            let table = underWay.batch.submissions[index].table
            if case .refused(.outsideWindow(let storeNow)) = outcomes[index] {
                clockOffset = storeNow - wall
                let season = entry.target.resolve(at: storeNow).season
                if entry.target.space.table(season.id) != table, queued.moves < limits.moves {
                    var again = queued
                    again.moves += 1
                    moved.append(again)
                    continue
                }
            }
            settled.append(Settled(id: entry.id, table: table, outcome: outcomes[index]))
        }
        sendAgain(moved)
        return .settled(settled)
    }

    private mutating func fail(_ failed: UnderWay, _ error: StoreError, now: ContinuousClock.Instant) -> Step {
        var underWay = failed
        underWay.tries += 1
        if error.isAmbiguous { underWay.batch.isRepeated = true }
        let ids = underWay.members.compactMap { $0.entry?.id }
        if underWay.batch.isRepeated {
            // Once an answer was lost only an answer ends it: a try that failed says nothing of the one before.
            guard now - underWay.since >= limits.settling else {
                current = underWay
                return .again(tries: underWay.tries)
            }
            current = nil
            return .failed(
                ids, lostFast: underWay.members.count - ids.count,
                StoreError(.outcomeUnknown, error.message, underlying: error))
        }
        current = nil
        // What nobody waits for goes again as long as it can succeed.
        let keepsFast = error.isRetriable || error.code == .closed || error.code == .denied
        var lost: [UInt64] = []
        var lostFast = 0
        var again: [Queued] = []
        for queued in underWay.members {
            if let entry = queued.entry, !error.isRetriable || entry.deadline <= now {
                lost.append(entry.id)
            } else if queued.entry != nil || keepsFast {
                again.append(queued)
            } else {
                lostFast += 1
            }
        }
        sendAgain(again)
        return .failed(lost, lostFast: lostFast, error)
    }

    private mutating func sendAgain(_ members: [Queued]) {
        waiting.prepend(contentsOf: members)
        waitingIDs.formUnion(members.compactMap { $0.entry?.id })
    }
}
