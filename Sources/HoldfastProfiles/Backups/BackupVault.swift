import HoldfastStorage

/// The copies of profiles in one store: a record for each, in as many places a profile as copies are kept.
struct BackupVault: Sendable {
    /// Holds the copies; no profile is in it.
    static let collection = "holdfast.backup"

    let store: any DurableStore
    let owner: Owner

    init(_ store: any DurableStore, owner: Owner) {
        self.store = store
        self.owner = owner
    }

    /// Copies of a profile, newest first, without their parts; one that is just being replaced is left out.
    func backups(of id: RecordID) async throws -> [ProfileBackup] {
        var found: [ProfileBackup] = []
        for place in try await places(of: id) {
            guard let note = place.note, let row = try await store.read(place.id), row.version == place.version,
                let content = row.content, let saveID = row.saveID
            else { continue }
            found.append(
                ProfileBackup(
                    id: id, version: note.version, writtenAtMillis: note.writtenAt, takenAtMillis: row.updatedAtMillis,
                    parts: note.parts, content: content, place: place.id, saveID: saveID))
        }
        return found.sorted { ($0.takenAtMillis, $0.version) > ($1.takenAtMillis, $1.version) }
    }

    /// The parts of a copy; nil where it was made by a build that copied none.
    func parts(of backup: ProfileBackup) async throws -> [Part]? {
        guard backup.parts != nil else { return nil }
        guard let copy = try await store.whole(backup.place), copy.record.saveID == backup.saveID else {
            throw StoreError(.notFound, "the copy has given its place to a newer one")
        }
        return try Self.withoutNote(copy.parts)
    }

    /// Copies a record, unless that was the last thing copied; says where it did.
    ///
    /// - Parameter keep: How many copies there may be afterwards: the oldest one gives its place. Nil keeps them all.
    func add(_ whole: WholeRecord, keep: Int?) async throws -> RecordID? {
        let record = whole.record
        var places = try await places(of: record.id).sorted { $0.goes(before: $1) }
        if let newest = places.last?.note, newest.version == record.version,
            newest.writtenAt == record.updatedAtMillis
        {
            return nil
        }
        let keep = keep ?? places.count + 1
        let number: Int
        if places.count < keep, places.first.map({ $0.note != nil }) ?? true {
            let taken = Set(places.map(\.number))
            number = (0...places.count).first { !taken.contains($0) } ?? places.count
        } else {
            number = places.removeFirst().number
        }
        let written = try Self.place(number, of: record.id)
        try await write(whole, to: written)
        // More were kept once.
        for place in places.dropLast(keep - 1) { _ = try await store.erase(place.id) }
        return written
    }

    // MARK: - Writing

    /// Writes what is different from what the place holds, in as many commits as its parts take.
    private func write(_ whole: WholeRecord, to id: RecordID) async throws {
        guard let content = whole.record.content else { return }
        let note = try PartName(CopyNote.name)
        guard whole.parts.allSatisfy({ $0.name != note }) else {
            throw StoreError(.badInput, "a record with a part named \(note) cannot be copied")
        }
        let sealed = try await seal(id)
        var write = RecordWrite(
            id: id, fence: sealed.token, nonce: owner.nonce, version: sealed.record.version, saveID: .random(),
            change: .content(content), keeps: .never)
        let before = try Self.withoutNote(try await store.allParts(of: id))
        var batches = PartWrite.changes(from: before, to: whole.parts).batches()
        let last = batches.popLast() ?? []
        for batch in batches {
            write.parts = batch + [PartWrite(name: note, payload: nil)]
            try await commit(write, sealed.record.generation)
            write.version += 1
            write.saveID = .random()
        }
        write.parts = last + [PartWrite(name: note, payload: try CopyNote(whole).payload())]
        write.releases = true
        try await commit(write, sealed.record.generation)
    }

    private func seal(_ id: RecordID) async throws -> (token: Int64, record: SealedRecord) {
        let token = (try await store.read(id)?.fence ?? 0) + 1
        let request = SealRequest(id: id, token: token, owner: owner)
        guard case .seal(.sealed(let sealed))? = try await store.execute([.seal(request)]).first else {
            throw Self.contended(id)
        }
        return (token, sealed)
    }

    private func commit(_ write: RecordWrite, _ generation: Int64) async throws {
        let commit = CommitRequest(writes: [write], generation: generation)
        guard case .commit(.committed)? = try await store.execute([.commit(commit)]).first else {
            throw Self.contended(write.id)
        }
    }

    private static func contended(_ id: RecordID) -> StoreError {
        StoreError(.unavailable, "another server copied \(id) at the same time")
    }

    private static func withoutNote(_ parts: [Part]) throws -> [Part] {
        let note = try PartName(CopyNote.name)
        return parts.filter { $0.name != note }
    }

    // MARK: - Places

    private struct Place {
        let id: RecordID
        let number: Int
        let writtenAt: Int64
        /// How often this place was written.
        let version: Int64
        /// Nil where a copy was begun and not finished.
        let note: CopyNote?

        /// Whether it is given up before another one: what was not finished, then the oldest.
        ///
        /// Places are taken in turn, which tells copies of one millisecond apart.
        func goes(before other: Place) -> Bool {
            if (note == nil) != (other.note == nil) { return note == nil }
            return (writtenAt, version, number) < (other.writtenAt, other.version, other.number)
        }
    }

    private func places(of id: RecordID) async throws -> [Place] {
        let prefix = Self.prefix(id)
        let collection = try CollectionName(Self.collection)
        let note = try PartName(CopyNote.name)
        var places: [Place] = []
        for summary in try await store.list(
            collection, startingWith: Array(prefix.utf8), after: nil, limit: DurableStoreLimits.page)
        {
            let digits = String(decoding: summary.key.bytes, as: UTF8.self).dropFirst(prefix.utf8.count)
            guard let number = Int(digits) else { continue }
            let id = RecordID(collection: collection, key: summary.key)
            // Another version's belongs to what has just taken its place.
            let part = try await store.parts(of: id, names: [note]).first.flatMap { $0 }
            places.append(
                Place(
                    id: id, number: number, writtenAt: summary.updatedAtMillis, version: summary.version,
                    note: part.flatMap { $0.version == summary.version ? CopyNote($0) : nil }))
        }
        return places
    }

    /// A key may be as long as this one's room, so its hash stands for it.
    private static func prefix(_ id: RecordID) -> String {
        "\(id.collection)/\(RandomID(hashing: "\(id.collection)/\(id.key)"))/"
    }

    private static func place(_ number: Int, of id: RecordID) throws(StoreError) -> RecordID {
        RecordID(collection: try CollectionName(collection), key: try Key(prefix(id) + String(number)))
    }
}
