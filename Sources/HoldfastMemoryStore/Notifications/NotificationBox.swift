import HoldfastStorage

/// The two logs of one player in the store: the notifications, and what became of them.
struct NotificationBox: Sendable {
    /// What becomes of a notification after it was sent.
    enum Mark: UInt8, Sendable {
        case read = 0x72
        case deleted = 0x64

        /// The mark's own id: one mark of a kind for each notification.
        func id(of notification: RandomID) -> RandomID {
            RandomID(high: notification.high ^ UInt64(rawValue) << 56, low: ~notification.low)
        }
    }

    /// Everything about one player.
    struct Content: Sendable {
        /// Nil when nothing was ever sent.
        var generation: RandomID?
        /// Without those that were deleted.
        var notes: [LogEntry] = []
        var read: Set<RandomID> = []
        /// Entries that were deleted and are still there.
        var deleted: [RandomID] = []
    }

    /// The most notifications of one player.
    static let capacity = 200
    /// Each may have two marks, and marks outlive what was deleted.
    static let markCapacity = 1_000
    /// How long a deleted notification is remembered at least, so that a late repetition stays deleted.
    static let memoryMillis: Int64 = 86_400_000
    /// Each so many additions what expired is removed; until then a store keeps it, unseen.
    private static let sweepEvery: Int64 = 16

    let durable: MemoryStore.Durable
    let notes: SpaceName
    let marks: SpaceName

    init(_ durable: MemoryStore.Durable, player: String) throws(MemoryStoreError) {
        self.durable = durable
        do {
            notes = try SpaceName("notify:\(player)")
            marks = try SpaceName("notify-marks:\(player)")
        } catch {
            throw MemoryStoreError(error)
        }
    }

    // MARK: Reading

    func content() async throws(StoreError) -> Content {
        guard let page = try await durable.store.entries(of: notes, after: 0, limit: 1_000) else { return Content() }
        let (read, deleted) = try await knownMarks()
        return Content(
            generation: page.generation, notes: page.entries.filter { !deleted.contains($0.id) }, read: read,
            deleted: page.entries.map(\.id).filter { deleted.contains($0) })
    }

    private func knownMarks() async throws(StoreError) -> (read: Set<RandomID>, deleted: Set<RandomID>) {
        var (read, deleted): (Set<RandomID>, Set<RandomID>) = ([], [])
        for entry in try await durable.store.entries(of: marks, after: 0, limit: 1_000)?.entries ?? [] {
            guard let mark = entry.value.first.flatMap({ Mark(rawValue: $0) }),
                let id = RandomID(bytes: entry.value.dropFirst())
            else { continue }
            switch mark {
            case .read: read.insert(id)
            case .deleted: deleted.insert(id)
            }
        }
        return (read, deleted)
    }

    // MARK: Changing

    /// Adds a notification once under its id.
    ///
    /// - Parameter mayBeKnown: Whether one may have been sent under this id before.
    /// - Returns: False when the player has as many as may be.
    func add(
        _ entry: AppendRequest.Entry, mayBeKnown: Bool, within limit: Duration
    ) async throws(StoreError) -> Bool {
        var outcome = try await append(entry, limit)
        // Looked at after the addition, so that no deletion comes between: its mark precedes its removal.
        if mayBeKnown, try await knownMarks().deleted.contains(entry.id) {
            try await remove([entry.id], from: notes, limit)
            return true
        }
        if case .appended(_, let sequences) = outcome, mayBeKnown, try await isOver(sequences[0]) {
            // An entry keeps its id until it is removed.
            try await remove([entry.id], from: notes, limit)
            outcome = try await append(entry, limit)
        }
        if case .full = outcome {
            let deleted = try await content().deleted
            guard !deleted.isEmpty else { return false }
            try await remove(Array(deleted.prefix(TrimRequest.maximumIDs)), from: notes, limit)
            outcome = try await append(entry, limit)
        }
        guard case .appended(_, let sequences) = outcome else { return false }
        if sequences[0] % Self.sweepEvery == 0 { try? await removeExpired(from: notes, limit) }
        return true
    }

    /// Marks notifications, 100 at most; those that are not there any more are passed over.
    func mark(_ ids: [RandomID], as mark: Mark, now: Int64, within limit: Duration) async throws(StoreError) {
        let wanted = Set(ids)
        let entries = try await content().notes.filter { wanted.contains($0.id) }.map { note in
            let left = max(1, (note.expiresAtMillis ?? .max) - now)
            return AppendRequest.Entry(
                id: mark.id(of: note.id), value: [mark.rawValue] + note.id.bytes,
                timeToLiveMillis: min(
                    mark == .deleted ? max(left, Self.memoryMillis) : left, LogEntry.maximumTimeToLiveMillis))
        }
        guard !entries.isEmpty else { return }
        // A mark that expired would stand in the way of a new one of its id.
        try await removeExpired(from: marks, limit)
        let request = AppendRequest(log: marks, entries: entries, limit: Self.markCapacity)
        let deadline = ContinuousClock.now + limit
        // Others may take the room that was made: the bound holds all the same, since no more marks are ever read.
        while case .full = try await durable.committer.append(request, timeout: deadline - .now) {
            guard .now < deadline else {
                throw StoreError(.deadline, "others fill the marks of a player as quickly as they are trimmed")
            }
            // The oldest marks go: their notifications are the likeliest to be gone.
            let oldest = try await durable.store.entries(of: marks, after: 0, limit: entries.count)?.entries ?? []
            try await remove(oldest.map(\.id), from: marks, limit)
        }
        guard mark == .deleted else { return }
        // The mark is what counts; the rest is tidied up.
        try? await remove(entries.compactMap { RandomID(bytes: $0.value.dropFirst()) }, from: notes, limit)
    }

    /// Removes everything.
    func drop() async throws(StoreError) {
        try await durable.store.dropSpace(notes)
        try await durable.store.dropSpace(marks)
    }

    // MARK: Single steps

    private func append(_ entry: AppendRequest.Entry, _ limit: Duration) async throws(StoreError) -> AppendOutcome {
        try await durable.committer.append(
            AppendRequest(log: notes, entries: [entry], limit: Self.capacity), timeout: limit)
    }

    /// Whether the notification of this number has expired.
    private func isOver(_ sequence: Int64) async throws(StoreError) -> Bool {
        try await durable.store.entries(of: notes, after: sequence - 1, limit: 1)?.entries.first?.sequence != sequence
    }

    private func remove(_ ids: [RandomID], from log: SpaceName, _ limit: Duration) async throws(StoreError) {
        _ = try await durable.committer.trim(TrimRequest(log: log, which: .ids(ids)), timeout: limit)
    }

    private func removeExpired(from log: SpaceName, _ limit: Duration) async throws(StoreError) {
        _ = try await durable.committer.trim(TrimRequest(log: log, which: .expired), timeout: limit)
    }
}
