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

    /// Copies of a profile, newest first.
    func backups(of id: RecordID) async throws -> [ProfileBackup] {
        var found: [ProfileBackup] = []
        for place in try await places(of: id) {
            guard let row = try await store.read(place.id), let content = row.content,
                let about = try await about(place.id)
            else { continue }
            found.append(
                ProfileBackup(
                    id: id, version: about.version, writtenAtMillis: about.writtenAt,
                    takenAtMillis: row.updatedAtMillis, content: content))
        }
        return found.sorted { ($0.takenAtMillis, $0.version) > ($1.takenAtMillis, $1.version) }
    }

    /// Copies what a record holds, unless that was the last thing copied; says where it did.
    ///
    /// - Parameter keep: How many copies there may be afterwards: the oldest one gives its place.
    func add(_ record: Record, keep: Int) async throws -> RecordID? {
        guard let content = record.content else { return nil }
        // Oldest first; places are taken in turn, which tells those of one millisecond apart.
        var places = try await places(of: record.id).sorted {
            ($0.writtenAt, $0.version, $0.number) < ($1.writtenAt, $1.version, $1.number)
        }
        if let newest = places.last, let about = try await about(newest.id),
            about.version == record.version, about.writtenAt == record.updatedAtMillis
        {
            return nil
        }
        let taken = Set(places.map(\.number))
        let number: Int
        if places.count < keep, let free = (0..<keep).first(where: { !taken.contains($0) }) {
            number = free
        } else if let index = places.firstIndex(where: { $0.number < keep }) {
            number = places.remove(at: index).number
        } else {
            number = 0
        }
        let about = About(version: record.version, writtenAt: record.updatedAtMillis)
        let written = try Self.place(number, of: record.id)
        try await write(content, about, to: written)
        // More were kept once.
        for place in places.dropLast(keep - 1) where place.number != number { _ = try await store.erase(place.id) }
        return written
    }

    private func write(_ content: Content, _ about: About, to id: RecordID) async throws {
        let token = (try await store.read(id)?.fence ?? 0) + 1
        guard
            case .seal(.sealed(let sealed))? = try await store.execute([
                .seal(SealRequest(id: id, token: token, owner: owner))
            ]).first
        else { throw Self.contended(id) }
        let part = PartWrite(name: try PartName(About.name), payload: PartPayload(try about.bytes))
        let write = RecordWrite(
            id: id, fence: token, nonce: owner.nonce, version: sealed.version, saveID: .random(),
            change: .content(content), releases: true, parts: [part], keeps: .never)
        let commit = CommitRequest(writes: [write], generation: sealed.generation)
        guard case .commit(.committed)? = try await store.execute([.commit(commit)]).first else {
            throw Self.contended(id)
        }
    }

    private static func contended(_ id: RecordID) -> StoreError {
        StoreError(.unavailable, "another server copied \(id) at the same time")
    }

    // MARK: - Places

    private struct Place {
        let id: RecordID
        let number: Int
        let writtenAt: Int64
        /// How often this place was written.
        let version: Int64
    }

    private func places(of id: RecordID) async throws -> [Place] {
        let prefix = Self.prefix(id)
        let collection = try CollectionName(Self.collection)
        return try await store.list(
            collection, startingWith: Array(prefix.utf8), after: nil, limit: DurableStoreLimits.page
        ).compactMap { summary in
            Int(String(decoding: summary.key.bytes, as: UTF8.self).dropFirst(prefix.utf8.count)).map { number in
                Place(
                    id: RecordID(collection: collection, key: summary.key), number: number,
                    writtenAt: summary.updatedAtMillis, version: summary.version)
            }
        }
    }

    /// A key may be as long as this one's room, so its hash stands for it.
    private static func prefix(_ id: RecordID) -> String {
        "\(id.collection)/\(RandomID(hashing: "\(id.collection)/\(id.key)"))/"
    }

    private static func place(_ number: Int, of id: RecordID) throws(StoreError) -> RecordID {
        RecordID(collection: try CollectionName(collection), key: try Key(prefix(id) + String(number)))
    }

    // MARK: - About

    /// What a copy was made of; a part of its record, so that it can be read without the document.
    private struct About {
        static let name = "about"
        var version: Int64
        var writtenAt: Int64

        var bytes: [UInt8] {
            get throws {
                try CanonicalJSON.write(["version": .integer(version), "writtenAtMillis": .integer(writtenAt)])
            }
        }
    }

    private func about(_ id: RecordID) async throws -> About? {
        guard let part = try await store.parts(of: id, names: [try PartName(About.name)]).first ?? nil,
            let document = try? CanonicalJSON.parse(try part.payload.verified()),
            let version = document["version"]?.int64, let writtenAt = document["writtenAtMillis"]?.int64
        else { return nil }
        return About(version: version, writtenAt: writtenAt)
    }
}
