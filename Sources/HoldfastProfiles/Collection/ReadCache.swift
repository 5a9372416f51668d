/// What was read lately, and reads under way; pure, with time passed in.
struct ReadCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// What a read brought.
    struct Found: Sendable {
        var value: Value
        /// It was current then or later.
        var asOf: ContinuousClock.Instant
    }

    enum Step {
        /// Young enough.
        case cached(Value)
        /// A read that began late enough is under way; what it brings may be older, where its own reader allows that.
        case join(Ticket<Found>)
        /// Nothing that is young enough: read, then tell with ``ended(_:_:_:)``.
        case start(Ticket<Found>)
    }

    private struct Entry {
        var found: Found?
        var running: (ticket: Ticket<Found>, since: ContinuousClock.Instant)?
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { entries.count }

    /// What was read last, however long ago.
    func last(_ key: Key) -> Value? { entries[key]?.found?.value }

    /// What to do for a reader that takes nothing from before `oldest`.
    mutating func step(_ key: Key, oldest: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Step {
        var entry = entries[key] ?? Entry()
        if let found = entry.found, found.asOf >= oldest { return .cached(found.value) }
        if let running = entry.running, running.since >= oldest { return .join(running.ticket) }
        let ticket = Ticket<Found>()
        entry.running = (ticket, now)
        entries[key] = entry
        return .start(ticket)
    }

    /// A read has ended; what it brought is kept while there is room.
    mutating func ended(_ key: Key, _ ticket: Ticket<Found>, _ found: Found?) {
        guard var entry = entries[key] else { return }
        guard let running = entry.running, running.ticket === ticket else { return }  // A later one has begun.
        if let found { entry.found = found }
        entry.running = nil
        entries[key] = entry.found == nil ? nil : entry
        if entries.count > limit { entries = entries.filter { $0.value.running != nil } }
    }
}
