/// What becomes of the rows of a backup on their way into a store.
///
/// Nobody who held a record before can save it, logs and score tables are read anew, and who was erased stays erased:
/// what ``DurableStore/settleRestore(from:)`` and ``DurableStore/erase(_:)`` do, in the transaction of the restore.
struct RestoreRules {
    /// Records whose content was left out, since it names a person who was erased after it was written.
    private(set) var erased: Set<RecordID> = []
    /// Names under which boards may hold scores of those who were erased after the backup: their ids, and the keys of
    /// records that were theirs alone.
    private(set) var erasedNames: Set<Key>
    /// When people were erased, by the bytes of their ids.
    private var erasures: [[UInt8]: Int64]
    /// The logs that keep damaged parts of erased records: the bytes of their names, and the numbers of those found.
    private var erasedLogs: (names: Set<[UInt8]>, numbers: Set<Int64>) = ([], [])
    private let now: Int64

    /// Begins a restore.
    ///
    /// - Parameters:
    ///   - erasures: Those that the store remembers itself; the backup's own come with its rows.
    ///   - backedUpAt: When the backup was made.
    init(erasures: [Erasure], backedUpAt: Int64, now: Int64) {
        erasedNames = Set(
            erasures.filter { $0.rememberedAtMillis >= backedUpAt }.compactMap { try? Key($0.userID) })
        self.erasures = Dictionary(
            erasures.map { (Array($0.userID.utf8), $0.rememberedAtMillis) }, uniquingKeysWith: max)
        self.now = now
    }

    /// The row as it is to be stored; nil to leave it out.
    mutating func apply(_ row: BackupRow) throws(StoreError) -> BackupRow? {
        var row = row
        switch row.table {
        case .erasure:
            let (user, time) = (try row.bytes("user_id"), try row.integer("remembered_at"))
            // Whichever is later: what was written between the two is gone as well.
            erasures[user] = max(erasures[user] ?? time, time)
        case .record: try settle(&row)
        case .part where erased.contains(try row.record()): return nil
        case .history:
            if erased.contains(try row.record()) { return nil }
            if try namesErased(row) { return nil }
        case .operation where erased.contains(try row.record()): try shorten(&row)
        case .space:
            if erasedLogs.names.contains(try row.bytes("name")) {
                erasedLogs.numbers.insert(try row.integer("number"))
                return nil
            }
            row["generation"] = .blob(RandomID.random().bytes)
        case .entry where erasedLogs.numbers.contains(try row.integer("space")): return nil
        case .score where erasedLogs.numbers.contains(try row.integer("space")): return nil
        default: break
        }
        return row
    }

    private mutating func settle(_ row: inout BackupRow) throws(StoreError) {
        let (fence, version) = (try row.integer("fence"), try row.integer("version"))
        guard [fence, version].allSatisfy({ (0..<(1 << 53)).contains($0) }) else {
            throw BackupRow.corrupt(.record, "has an impossible fence or version")
        }
        row["fence"] = .integer(fence + 1)
        for column in ["owner_nonce", "owner_server", "owner_boot"] { row[column] = .null }
        guard row["payload"] != .null, try namesErased(row) else { return }
        let id = try row.record()
        erased.insert(id)
        if let log = id.quarantineLog { erasedLogs.names.insert(log.bytes) }
        if try peopleIn(row).count == 1 { erasedNames.insert(id.key) }
        row["version"] = .integer(version + 1)
        row["save_id"] = .blob(RandomID.random().bytes)
        row["updated_at"] = .integer(now)
        for column in ["schema", "checksum", "document_bytes", "user_ids", "metadata", "payload"] {
            row[column] = .null
        }
    }

    /// Whether a person in it was erased since it was written.
    private func namesErased(_ row: BackupRow) throws(StoreError) -> Bool {
        guard !erasures.isEmpty else { return false }
        let written = try row.integer("updated_at")
        return try peopleIn(row).contains { name in erasures[Array(name.utf8)].map { written <= $0 } ?? false }
    }

    private func peopleIn(_ row: BackupRow) throws(StoreError) -> [String] {
        guard let text = row.optionalText("user_ids"), text != "[]" else { return [] }
        guard let names = Content.userIDs(fromText: text) else {
            throw BackupRow.corrupt(row.table, "names nobody in a form that is known")
        }
        return names
    }

    private func shorten(_ row: inout BackupRow) throws(StoreError) {
        if try row.text("state") == OperationState.pending.rawValue {
            row["state"] = .text(OperationState.cancelled.rawValue)
            row["finished_at"] = .integer(now)
        }
        row["payload"] = .blob([])
        for column in ["last_error", "due_at", "progress"] { row[column] = .null }
    }
}
