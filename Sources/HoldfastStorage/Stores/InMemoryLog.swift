/// One log of an ``InMemoryStore``.
struct InMemoryLog {
    var generation = RandomID.random()
    private(set) var lastSequence: Int64 = 0
    /// In order of sequence.
    private var entries: [LogEntry] = []
    private var sequences: [RandomID: Int64] = [:]

    init() {}

    /// A log as a backup has it, before its entries are added.
    init(generation: RandomID, lastSequence: Int64) {
        self.generation = generation
        self.lastSequence = lastSequence
    }

    /// Every entry, expired ones too, in order of sequence.
    var rows: [LogEntry] { entries }

    /// Adds an entry that has its number; not one that is there.
    mutating func add(_ entry: LogEntry) {
        guard sequences.updateValue(entry.sequence, forKey: entry.id) == nil else { return }
        let place = entries.lastIndex { $0.sequence < entry.sequence }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
    }

    /// See ``DurableStore/entries(of:after:limit:)``.
    func page(after sequence: Int64, limit: Int, _ now: Int64) -> LogPage {
        let found = entries.lazy.filter { $0.sequence > sequence && $0.lives(at: now) }.prefix(limit)
        return LogPage(generation: generation, entries: Array(found), lastSequence: lastSequence)
    }

    func count(_ now: Int64) -> Int { entries.count { $0.lives(at: now) } }

    mutating func append(_ request: AppendRequest, _ now: Int64) -> AppendOutcome {
        let new = request.entries.count { sequences[$0.id] == nil }
        if new > 0, let limit = request.limit {
            let count = count(now)
            guard count + new <= limit else { return .full(count: count) }
        }
        for entry in request.entries where sequences[entry.id] == nil {
            lastSequence += 1
            sequences[entry.id] = lastSequence
            entries.append(
                LogEntry(
                    id: entry.id, sequence: lastSequence, value: entry.value, priority: entry.priority,
                    createdAtMillis: now, expiresAtMillis: entry.timeToLiveMillis.map { now + $0 }
                )
            )
        }
        return .appended(generation: generation, sequences: request.entries.compactMap { sequences[$0.id] })
    }

    /// Returns how many entries went.
    mutating func trim(_ which: TrimRequest.Which, _ now: Int64) -> Int {
        let gone: Set<RandomID> =
            switch which {
            case .ids(let ids): Set(ids.filter { sequences[$0] != nil })
            case .expired: Set(entries.lazy.filter { !$0.lives(at: now) }.prefix(TrimRequest.maximumRemoved).map(\.id))
            case .through(let last):
                Set(entries.lazy.prefix { $0.sequence <= last }.prefix(TrimRequest.maximumRemoved).map(\.id))
            }
        entries.removeAll { gone.contains($0.id) }
        for id in gone { sequences[id] = nil }
        return gone.count
    }
}

extension LogEntry {
    fileprivate func lives(at now: Int64) -> Bool { expiresAtMillis.map { $0 > now } ?? true }
}
