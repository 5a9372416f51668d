/// The kept versions of all records of an ``InMemoryStore``.
struct InMemoryHistory {
    private struct Version {
        let entry: HistoryEntry
        let content: Content
    }

    private var versions: [RecordID: [Int64: Version]] = [:]

    /// Keeps what a row holds, if anything, unless its version is kept already.
    mutating func keep(
        _ row: InMemoryRecords.Row, of id: RecordID, reason: String?, isDeletion: Bool, _ now: Int64
    ) {
        guard let content = row.content, versions[id]?[row.version] == nil else { return }
        let entry = HistoryEntry(
            version: row.version, schema: content.schema, updatedAtMillis: row.updatedAtMillis, replacedAtMillis: now,
            reason: reason, storedBytes: content.payload.bytes.count, documentBytes: content.payload.documentBytes,
            isDeletion: isDeletion)
        versions[id, default: [:]][row.version] = Version(entry: entry, content: content)
    }

    /// Newest first.
    func entries(of id: RecordID, before version: Int64?, limit: Int) -> [HistoryEntry] {
        let found = (versions[id] ?? [:]).values.map(\.entry).filter { $0.version < version ?? .max }
        return Array(found.sorted { $0.version > $1.version }.prefix(limit))
    }

    func content(of id: RecordID, version: Int64) -> Content? { versions[id]?[version]?.content }

    func summary(of collection: CollectionName) -> (count: Int, bytes: Int) {
        let kept = versions.filter { $0.key.collection == collection }.flatMap(\.value.values)
        return (kept.count, kept.reduce(0) { $0 + $1.entry.storedBytes })
    }

    /// Returns how many versions went.
    mutating func erase(ofUser userID: String, limit: Int) -> Int {
        let found = versions.flatMap { id, versions in
            versions.filter { $0.value.content.userIDs.contains { $0.utf8.elementsEqual(userID.utf8) } }
                .map { (id: id, version: $0.key) }
        }
        for (id, version) in found.prefix(limit) { versions[id]?[version] = nil }
        return min(found.count, limit)
    }

    /// Every version of every record, in no order.
    var all: [(id: RecordID, entry: HistoryEntry, content: Content)] {
        versions.flatMap { id, versions in versions.values.map { (id, $0.entry, $0.content) } }
    }

    mutating func add(_ entry: HistoryEntry, _ content: Content, of id: RecordID) {
        versions[id, default: [:]][entry.version] = Version(entry: entry, content: content)
    }

    /// Says whether there were any.
    mutating func removeAll(of id: RecordID) -> Bool {
        versions.removeValue(forKey: id)?.isEmpty == false
    }

    /// Oldest first; returns how many versions went.
    mutating func prune(replacedBefore millis: Int64, limit: Int) -> Int {
        let old = versions.flatMap { id, versions in
            versions.values.map(\.entry).filter { $0.replacedAtMillis < millis }.map { (id: id, entry: $0) }
        }
        let gone = old.sorted { $0.entry.replacedAtMillis < $1.entry.replacedAtMillis }.prefix(limit)
        for (id, entry) in gone { versions[id]?[entry.version] = nil }
        return gone.count
    }
}
