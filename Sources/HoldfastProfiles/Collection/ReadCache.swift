/// What was read lately, and reads under way; pure, with time passed in.
struct ReadCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    enum Step {
        /// Young enough.
        case cached(Value)
        /// A read that began late enough is under way.
        case join(Ticket<Value>)
        /// Nothing that is young enough: read, then tell with ``ended(_:_:_:)``.
        case start(Ticket<Value>)
    }

    private struct Entry {
        var value: Value?
        /// When the read of `value` was sent: what it returned was current then or later.
        var valueAt: ContinuousClock.Instant
        var running: (ticket: Ticket<Value>, since: ContinuousClock.Instant)?
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { entries.count }

    /// What to do for a reader that takes nothing from before `oldest`.
    mutating func step(_ key: Key, oldest: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Step {
        var entry = entries[key] ?? Entry(valueAt: now)
        if let value = entry.value, entry.valueAt >= oldest { return .cached(value) }
        if let running = entry.running, running.since >= oldest { return .join(running.ticket) }
        let ticket = Ticket<Value>()
        entry.running = (ticket, now)
        entries[key] = entry
        return .start(ticket)
    }

    /// A read has ended; a value is kept while there is room.
    mutating func ended(_ key: Key, _ ticket: Ticket<Value>, _ value: Value?) {
        guard var entry = entries[key] else { return }
        guard let running = entry.running, running.ticket === ticket else { return }  // A later one has begun.
        if let value { (entry.value, entry.valueAt) = (value, running.since) }
        entry.running = nil
        entries[key] = entry.value == nil ? nil : entry
        if entries.count > limit { entries = entries.filter { $0.value.running != nil } }
    }
}
