/// The score tables of an ``InMemoryStore``.
struct InMemoryScores {
    /// One score table.
    struct Table {
        var counter: ScoreCounter
        fileprivate var rows: [Key: ScoreCounter.Row] = [:]
        /// Every change in its order; those that a later one of the same member replaced go now and then.
        fileprivate var changes: [(change: Int64, member: Key)] = []

        init(counter: ScoreCounter = ScoreCounter(generation: .random())) {
            self.counter = counter
        }

        /// See ``DurableStore/scores(of:members:)``.
        func row(of member: Key) -> ScoreRow? {
            rows[member].flatMap { $0.row.isRemoved ? nil : $0.row }
        }

        /// See ``DurableStore/scores(of:changedAfter:limit:)``.
        func page(changedAfter change: Int64, limit: Int) -> ScorePage {
            var (first, end) = (0, changes.count)
            while first < end {
                let middle = (first + end) / 2
                if changes[middle].change > change { end = middle } else { first = middle + 1 }
            }
            let found = changes[first...].lazy.compactMap { change, member in
                rows[member].flatMap { $0.row.change == change ? $0.row : nil }
            }
            return ScorePage(
                generation: counter.generation, rows: Array(found.prefix(limit)), lastChange: counter.last
            )
        }

        /// Every row, removed ones too, in order of change.
        var allRows: [ScoreCounter.Row] { rows.values.sorted { $0.row.change < $1.row.change } }

        /// Adds a row as a backup has it.
        mutating func add(_ row: ScoreCounter.Row) {
            rows[row.row.member] = row
            let place = changes.lastIndex { $0.change < row.row.change }.map { $0 + 1 } ?? 0
            changes.insert((row.row.change, row.row.member), at: place)
        }

        mutating func apply(_ submission: ScoreSubmission, _ now: Int64) -> ScoreOutcome {
            switch counter.decide(submission, stored: rows[submission.member], now: now) {
            case .pass(let outcome): return outcome
            case .write(let row, let outcome):
                rows[submission.member] = row
                changes.append((row.row.change, submission.member))
                if changes.count > 2 * rows.count + 64 {
                    changes.removeAll { change, member in rows[member]?.row.change != change }
                }
                return outcome
            }
        }
    }

    private struct Batch {
        let id: RandomID
        let createdAtMillis: Int64
        var refusals: [Int: ScoreOutcome.Refusal] = [:]
    }

    private(set) var tables: [SpaceName: Table] = [:]
    private var batches: [RandomID: Batch] = [:]
    /// In order of arrival.
    private var batchOrder: [RandomID] = []

    mutating func submit(_ batch: ScoreBatch, _ now: Int64) -> ScoreBatchOutcome {
        forget(now)
        let names = Set(batch.submissions.map(\.table))
        for name in names where tables[name] == nil { tables[name] = Table() }
        let generations = tables.filter { names.contains($0.key) }.mapValues(\.counter.generation)
        if let known = batches[batch.id] {
            let outcomes = batch.submissions.enumerated().map { index, submission in
                submission.standing(
                    refusal: known.refusals[index], stored: tables[submission.table]?.row(of: submission.member)
                )
            }
            return ScoreBatchOutcome(outcomes: outcomes, generations: generations, changes: [:])
        }
        let before = names.map { ($0, tables[$0]?.counter.last ?? 0) }
        let outcomes = batch.submissions.map { apply($0, now) }
        var memory = Batch(id: batch.id, createdAtMillis: now)
        for (index, outcome) in outcomes.enumerated() {
            if case .refused(let refusal) = outcome { memory.refusals[index] = refusal }
        }
        batches[batch.id] = memory
        batchOrder.append(batch.id)
        var changes: [SpaceName: ClosedRange<Int64>] = [:]
        for (name, last) in before {
            if let now = tables[name]?.counter.last, now > last { changes[name] = last + 1...now }
        }
        return ScoreBatchOutcome(outcomes: outcomes, generations: generations, changes: changes)
    }

    @discardableResult
    mutating func apply(_ submission: ScoreSubmission, _ now: Int64) -> ScoreOutcome {
        tables[submission.table, default: Table()].apply(submission, now)
    }

    mutating func drop(_ name: SpaceName) { tables[name] = nil }

    /// Returns how many there are.
    mutating func renewGenerations() -> Int {
        for name in tables.keys { tables[name]?.counter.generation = .random() }
        return tables.count
    }

    // MARK: - Backup

    mutating func open(_ name: SpaceName, _ counter: ScoreCounter) { tables[name] = Table(counter: counter) }

    mutating func add(_ row: ScoreCounter.Row, to name: SpaceName) { tables[name]?.add(row) }

    /// Refusals as pairs of position and code.
    func batchRows() -> [BackupRow] {
        batchOrder.compactMap { batches[$0] }.map { batch in
            let refusals = batch.refusals.sorted { $0.key < $1.key }.flatMap { [UInt8($0.key), $0.value.code] }
            return BackupRow(
                .batch,
                [
                    .blob(batch.id.bytes), .integer(batch.createdAtMillis),
                    BackupValue(refusals.isEmpty ? nil : refusals),
                ])
        }
    }

    mutating func addBatch(_ row: BackupRow) throws(StoreError) {
        var batch = Batch(id: try row.id("id"), createdAtMillis: try row.integer("created_at"))
        let pairs = row.optionalBytes("refusals") ?? []
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            batch.refusals[Int(pairs[index])] = ScoreOutcome.Refusal(
                code: pairs[index + 1], nowMillis: batch.createdAtMillis)
        }
        if batches.updateValue(batch, forKey: batch.id) == nil { batchOrder.append(batch.id) }
    }

    private mutating func forget(_ now: Int64) {
        let old = batchOrder.prefix(ScoreBatch.forgottenAtOnce).prefix { id in
            batches[id].map { $0.createdAtMillis < now - ScoreBatch.memoryMillis } ?? true
        }
        for id in old { batches[id] = nil }
        batchOrder.removeFirst(old.count)
    }
}
