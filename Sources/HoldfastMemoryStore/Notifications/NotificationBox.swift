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
        /// Entries that were deleted and are still there, or again.
        var deleted: [RandomID] = []
    }

    /// The most notifications of one player.
    static let capacity = 200
    /// Each may have two marks, and marks outlive what was deleted.
    static let markCapacity = 1_000
    /// How long a deleted notification is remembered at least, so that a late repetition stays deleted.
    static let memoryMillis: Int64 = 86_400_000

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

    func content() async throws(MemoryStoreError) -> Content {
        do {
            guard let page = try await durable.store.entries(of: notes, after: 0, limit: 1_000) else {
                return Content()
            }
            var read: Set<RandomID> = []
            var deleted: Set<RandomID> = []
            let known = try await durable.store.entries(of: marks, after: 0, limit: 1_000)?.entries ?? []
            for entry in known {
                guard let mark = entry.value.first.flatMap({ Mark(rawValue: $0) }),
                    let id = RandomID(bytes: entry.value.dropFirst())
                else { continue }
                switch mark {
                case .read: read.insert(id)
                case .deleted: deleted.insert(id)
                }
            }
            return Content(
                generation: page.generation, notes: page.entries.filter { !deleted.contains($0.id) }, read: read,
                deleted: page.entries.map(\.id).filter { deleted.contains($0) })
        } catch {
            throw MemoryStoreError(error)
        }
    }

    /// Adds a notification once under its id.
    func add(_ entry: AppendRequest.Entry, within limit: Duration) async throws(MemoryStoreError) {
        let request = AppendRequest(log: notes, entries: [entry], limit: Self.capacity)
        do {
            if case .appended = try await durable.committer.append(request, timeout: limit) { return }
            let deleted = try await content().deleted
            if !deleted.isEmpty {
                _ = try await durable.committer.trim(
                    TrimRequest(log: notes, which: .ids(Array(deleted.prefix(TrimRequest.maximumIDs)))), timeout: limit)
                if case .appended = try await durable.committer.append(request, timeout: limit) { return }
            }
        } catch let error as StoreError {
            throw MemoryStoreError(error)
        } catch {
            throw error as? MemoryStoreError ?? MemoryStoreError(.internalError, "\(error)")
        }
        throw MemoryStoreError(.full, "a player has at most \(Self.capacity) notifications")
    }

    /// Marks notifications, 100 at most; those that are not there any more are passed over.
    func mark(_ ids: [RandomID], as mark: Mark, now: Int64, within limit: Duration) async throws(MemoryStoreError) {
        let wanted = Set(ids)
        let entries = try await content().notes.filter { wanted.contains($0.id) }.map { note in
            let left = max(1, (note.expiresAtMillis ?? .max) - now)
            return AppendRequest.Entry(
                id: mark.id(of: note.id), value: [mark.rawValue] + note.id.bytes,
                timeToLiveMillis: min(
                    mark == .deleted ? max(left, Self.memoryMillis) : left, LogEntry.maximumTimeToLiveMillis))
        }
        guard !entries.isEmpty else { return }
        do {
            let request = AppendRequest(log: marks, entries: entries, limit: Self.markCapacity)
            if case .full = try await durable.committer.append(request, timeout: limit) {
                // The oldest marks go: their notifications are the likeliest to be gone.
                _ = try await durable.committer.trim(TrimRequest(log: marks, which: .expired), timeout: limit)
                let oldest = try await durable.store.entries(of: marks, after: 0, limit: entries.count)?.entries ?? []
                let going = TrimRequest(log: marks, which: .ids(oldest.map(\.id)))
                _ = try await durable.committer.trim(going, timeout: limit)
                _ = try await durable.committer.append(
                    AppendRequest(log: marks, entries: entries), timeout: limit)
            }
            guard mark == .deleted else { return }
            // The mark is what counts; the rest is tidied up.
            _ = try? await durable.committer.trim(
                TrimRequest(log: notes, which: .ids(entries.compactMap { RandomID(bytes: $0.value.dropFirst()) })),
                timeout: limit)
            _ = try? await durable.committer.trim(TrimRequest(log: marks, which: .expired), timeout: limit)
        } catch {
            throw MemoryStoreError(error)
        }
    }

    /// Removes everything.
    func drop() async throws(MemoryStoreError) {
        do {
            try await durable.store.dropSpace(notes)
            try await durable.store.dropSpace(marks)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
