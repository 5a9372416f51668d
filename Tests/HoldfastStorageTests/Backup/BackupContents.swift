import HoldfastStorage

/// A store with a row of every kind and state that a backup must carry.
enum BackupContents {
    static func fill(_ store: any DurableStore) async throws {
        try await fillRecords(store)
        try await fillOperations(store)
        try await fillSpaces(store)
        _ = try await store.decide(.random(), .committed)
        _ = try await store.decide(.random(), .aborted)
        try await store.rememberErasure(ofUser: "gone")
        let removed = try SpaceName("board:removed")
        _ = try await store.put(removed, Array("{}".utf8), over: 0)
        _ = try await store.put(removed, nil, over: 1)
        _ = try await store.put(try SpaceName("board:kept"), Array(#"{"a":1}"#.utf8), over: 0)
    }

    private static func fillRecords(_ store: any DurableStore) async throws {
        for key in ["owned", "\u{e9} {:*}", "deleted", "sealed"] {
            var session = try StoreActor(key, token: 3)
            _ = try await session.seal(store)
            guard key != "sealed" else { continue }
            try await session.saved(store, "one", parts: [part("0:0"), part("0:1", "other")])
            _ = try await store.keepCurrent(of: session.id, reason: "a test")
            try await session.saved(store, String(repeating: "long ", count: 200))
            guard key == "deleted" else { continue }
            _ = try await store.commit([session.write(.tombstone, releases: true)])
        }
    }

    private static func fillOperations(_ store: any DurableStore) async throws {
        var session = try StoreActor("busy", token: 2)
        _ = try await session.seal(store)
        for id in ["pending", "applied", "dead", "cancelled", "stepped", "late"] {
            var sent = try delivery(id, to: session.id)
            if id == "late" { (sent.timeToLiveMillis, sent.delayMillis) = (86_400_000, 60_000) }
            _ = try await store.deliver(sent)
        }
        func settled(_ id: String, _ state: OperationState, progress: String? = nil) throws -> Settlement {
            Settlement(
                record: session.id, id: try OperationID(id), state: state, attempts: 2,
                lastError: state == .dead ? "broken" : nil, retryAfterMillis: state == .pending ? 5_000 : 0,
                progress: progress.map { Array($0.utf8) })
        }
        let outcome = try await store.commit(
            [session.write(.content(try content("settled")))],
            settlements: [
                try settled("applied", .applied), try settled("dead", .dead),
                try settled("stepped", .pending, progress: #"{"step":1}"#),
            ])
        guard outcome == .committed else { throw Unexpected() }
        session.version += 1
        _ = try await store.cancelOperation(try OperationID("cancelled"), of: session.id)
    }

    private static func fillSpaces(_ store: any DurableStore) async throws {
        let log = try SpaceName("queue:orders")
        let ids = (0..<3).map { _ in RandomID.random() }
        for (index, id) in ids.enumerated() {
            _ = try await store.append([entry("order \(index)", id: id, ttl: index == 2 ? 86_400_000 : nil)], to: log)
        }
        _ = try await store.trim(log, .ids([ids[0]]))
        let empty = try SpaceName("queue:empty")
        _ = try await store.append([entry("x", id: ids[0])], to: empty)
        _ = try await store.trim(empty, .ids([ids[0]]))
        // A score table and a log of one name are two.
        for name in ["board:arena", "queue:orders"] {
            let table = try SpaceName(name)
            _ = try await store.submit([
                try score("ann", 7, 2, in: table, metadata: #"{"m":1}"#, version: 4), try score("bob", 9, in: table),
                try score("cay", 1, in: table),
                try score("ann", 8, in: table, version: 3),
            ])
            _ = try await store.submit([try removal("cay", in: table)])
        }
    }

    /// Every row of a store, without what a restore changes on purpose or a store numbers for itself; sorted.
    static func inventory(_ store: any BackupStore, isRestored: Bool) async throws -> [String] {
        let snapshot = try await store.openSnapshot()
        var (lines, names): ([String], [Int64: String]) = ([], [:])
        while let rows = try await snapshot.next() {
            for row in rows {
                var row = row
                try row.validate()
                switch row.table {
                case .record:
                    if !isRestored { row["fence"] = .integer(try row.integer("fence") + 1) }
                    for column in ["owner_nonce", "owner_server", "owner_boot"] {
                        if isRestored, row[column] != .null { lines.append("a record has an owner") }
                        row[column] = .null
                    }
                case .decision: row["decided_at"] = .integer(0)
                case .space:
                    names[try row.integer("number")] = "\(row["kind"]) \(row["name"])"
                    row["number"] = .null
                    row["generation"] = .null
                case .entry, .score: row["space"] = .text(names[try row.integer("space")] ?? "?")
                default: break
                }
                lines.append("\(row.table) \(row.values)")
            }
        }
        await snapshot.close()
        return lines.sorted()
    }
}

/// Calls `body` with a migrated store of its own.
func withBackupStore<Result>(
    _ kind: StoreKind, _ body: (any BackupStore) async throws -> Result
) async throws -> Result {
    try await withStore(kind) { store in
        guard let store = store as? any BackupStore else { throw Unexpected() }
        return try await body(store)
    }
}
