import HoldfastStorage

/// Decides how one season in Redis is brought up to the store's table; no I/O and no clock inside.
///
/// Redis applies changes in order and without gaps. What this process has just committed is at hand and goes there
/// directly; where changes of others come before it, and for everything else, the table is read from Redis' cursor on.
struct ProjectionLane {
    /// Bounds of what is kept at hand.
    struct Limits {
        /// Rows at hand; beyond them the table is read instead.
        var rows = 4_096
        /// Rows of one call.
        var call = 512
        /// How often the projection of another process is given a moment before the table is read.
        var patience = 3
    }

    /// What to do next.
    enum Step: Equatable {
        /// Redis has what the store has, as far as it is known.
        case rest
        /// Apply rows of our own.
        case apply([ScoreRow], from: Int64, through: Int64)
        /// Another process' changes come first and are on their way: wait a moment, which grows with the number.
        case wait(Int)
        /// Ask Redis for its cursor.
        case inspect
        /// Read the table after a change, and apply what is found.
        case read(after: Int64)
        /// Redis lacks the season: load it from the start; anew where Redis has what the store does not know.
        case load(anew: Bool)
    }

    /// What came of a step.
    enum Answer: Equatable {
        /// Redis has reached this change at least.
        case applied(through: Int64)
        /// Redis has not reached what the rows follow.
        case gap(at: Int64)
        /// Redis was found without the season.
        case lost
        /// Redis told its cursor; nil where it lacks the season.
        case inspected(Int64?)
        /// The table was read and applied up to a change; `last` was the table's last one when it was read.
        case read(through: Int64, last: Int64)
        /// Redis is ahead of the store, which went back or whose table is another one.
        case ahead
        /// The season was loaded up to this change.
        case loaded(through: Int64)
    }

    private struct Part {
        let changes: ClosedRange<Int64>
        let rows: [ScoreRow]
    }

    let limits: Limits
    /// The change that Redis is known to have reached; nil when it is to be asked.
    private(set) var cursor: Int64?
    /// The last change that is known to be in the store.
    private(set) var target: Int64 = 0
    private var parts: [Part] = []
    private var rowCount = 0
    /// How often the table was to be read, and how many of these a finished reading answered.
    private var wanted = 0
    private var answered = 0
    /// What the reading under way answers, and the last change that was known when it began.
    private var reading = (wanted: 0, target: Int64(0))
    private var mustLoad = false
    private var loadsAnew = false
    private var waits = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Changes that are in the store and, as far as is known, not in Redis.
    var lag: Int64 { max(0, target - (cursor ?? target)) }
    /// Whether a load is due or under way.
    var isLoading: Bool { mustLoad }
    /// Whether there is something to do.
    var hasWork: Bool { mustLoad || mustRead || !parts.isEmpty || target > cursor ?? target }

    private var mustRead: Bool { wanted > answered }

    // MARK: - News

    /// This process committed changes.
    ///
    /// - Parameter rows: All their rows; nil where they are not at hand.
    mutating func committed(_ changes: ClosedRange<Int64>, rows: [ScoreRow]?) {
        target = max(target, changes.upperBound)
        guard !mustRead, !mustLoad else { return }
        guard let rows, rowCount + rows.count <= limits.rows else { return readInstead() }
        // Answers of a process come in their order but for those of a few commits at once.
        let place = parts.lastIndex { $0.changes.upperBound < changes.lowerBound }.map { $0 + 1 } ?? 0
        parts.insert(Part(changes: changes, rows: rows), at: place)
        rowCount += rows.count
    }

    /// The store may have changes that nobody told of.
    mutating func suspect() {
        cursor = nil
        readInstead()
    }

    /// Redis was found without the season.
    mutating func lost() { mustLoad = true }

    private mutating func readInstead() {
        wanted += 1
        parts = []
        rowCount = 0
    }

    // MARK: - Deciding

    /// What to do now; its answers are to be told before the next call, if there are any.
    mutating func next() -> Step {
        if mustLoad { return .load(anew: loadsAnew) }
        if let cursor {
            while let first = parts.first, first.changes.upperBound <= cursor { drop(1) }
        }
        guard !mustRead, let first = parts.first else {
            guard mustRead || target > cursor ?? target else { return .rest }
            return read()
        }
        if let cursor, first.changes.lowerBound > cursor + 1 {
            guard waits < limits.patience else {
                readInstead()
                return read()
            }
            waits += 1
            // Only trying again tells how far Redis is by then.
            self.cursor = nil
            return .wait(waits)
        }
        var rows = first.rows
        var through = first.changes.upperBound
        for part in parts.dropFirst() {
            guard part.changes.lowerBound == through + 1, rows.count + part.rows.count <= limits.call else { break }
            rows += part.rows
            through = part.changes.upperBound
        }
        return .apply(rows, from: first.changes.lowerBound - 1, through: through)
    }

    private mutating func read() -> Step {
        guard let cursor else { return .inspect }
        reading = (wanted, target)
        return .read(after: cursor)
    }

    // MARK: - Answers

    /// Takes what came of the last step.
    mutating func take(_ answer: Answer) {
        switch answer {
        case .applied(let change): applied(through: change)
        case .gap(let change): cursor = change
        case .lost: lost()
        case .inspected(let change):
            cursor = change
            if change == nil { lost() }
        case .read(let change, let last):
            applied(through: change)
            guard change >= last else { return }
            answered = reading.wanted
            // A store that was put back does not know all that it once told.
            if target == reading.target { target = last }
        case .ahead: (mustLoad, loadsAnew) = (true, true)
        case .loaded(let change):
            (mustLoad, loadsAnew) = (false, false)
            cursor = change
            waits = 0
            // What came meanwhile was not kept.
            readInstead()
        }
    }

    private mutating func applied(through change: Int64) {
        cursor = max(change, cursor ?? 0)
        waits = 0
    }

    private mutating func drop(_ count: Int) {
        rowCount -= parts.prefix(count).reduce(0) { $0 + $1.rows.count }
        parts.removeFirst(count)
    }
}
