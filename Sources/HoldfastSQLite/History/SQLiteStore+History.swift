import Foundation
import GRDB
import HoldfastStorage

// Parts, history and the generation.

extension SQLiteStore {
    /// Reads on from the cursor in the order of the names.
    public func parts(
        of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
    ) async throws(StoreError) -> [Part] {
        try DurableStoreLimits.checkPage(limit)
        let record = id.arguments(try await number(for: .history))
        let after = after.flatMap { $0.bytes.lexicographicallyPrecedes(prefix) ? nil : $0 }
        // Behind every name that starts with the prefix: names are shorter.
        let end = prefix + [UInt8](repeating: 0xFF, count: PartName.maximumBytes + 1)
        return try await read { database in
            try database.all(
                after == nil ? Statements.partsFrom : Statements.partsAfter,
                record + [Data(after?.bytes ?? prefix), Data(end), limit]
            ) { try $0.part() }
        }
    }

    /// Runs one query a part, all in one read transaction.
    public func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?] {
        try DurableStoreLimits.checkParts(names)
        let record = id.arguments(try await number(for: .history))
        return try await read { database in
            try names.map { name in
                try database.first(Statements.part, record + [Data(name.bytes)]) { try $0.part() }
            }
        }
    }

    /// Reads the rows of all parts, but not their payloads.
    public func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int) {
        let record = id.arguments(try await number(for: .history))
        return try await read { database in
            try database.first(Statements.partSummary, record) { (count: try $0.int(), bytes: try $0.int()) } ?? (0, 0)
        }
    }

    /// Reads the rows of the page, but not their payloads.
    public func history(
        of id: RecordID, before version: Int64?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry] {
        try DurableStoreLimits.checkPage(limit)
        let record = id.arguments(try await number(for: .history))
        return try await read { database in
            try database.all(Statements.history, record + [version ?? .max, limit]) { try $0.historyEntry() }
        }
    }

    /// Looks into history first, then at the record, in one read transaction.
    public func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content? {
        let row = id.arguments(try await number(for: .history)) + [version]
        return try await read { database in
            try database.first(Statements.keptContent, row) { try $0.content() }
                ?? database.first(Statements.currentContent, row) { try $0.content() }
        }
    }

    /// Copies the row in an immediate transaction of its own.
    public func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64? {
        try KeepRule.validate(reason: reason)
        let record = id.arguments(try await number(for: .history))
        let now = now()
        return try await transaction(.immediate) { database in
            try database.run(Statements.keepCurrent, [now, false, reason] + record)
            return try database.first(Statements.currentVersion, record) { try $0.int64() }
        }
    }

    /// Removes the oldest first, in an immediate transaction of its own.
    public func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .history)
        return try await transaction(.immediate) { database in
            try database.run(Statements.pruneHistory, [deployment, millis, limit])
        }
    }

    /// Raises the generation in an immediate transaction of its own.
    public func bumpGeneration() async throws(StoreError) -> Int64 {
        let deployment = try await number(for: .history)
        let now = now()
        return try await transaction(.immediate) { database in
            try Self.bumpGeneration(of: deployment, now, database)
        }
    }

    static func bumpGeneration(of deployment: Int64, _ now: Int64, _ database: Database) throws -> Int64 {
        let raised = try database.first(Statements.bumpGeneration, [now, deployment]) { try $0.int64() }
        guard let raised else { throw StoreError(.corrupt, "a deployment that was there is gone") }
        return raised
    }
}

extension RowReader {
    /// The columns of ``Statements/part``.
    fileprivate mutating func part() throws -> Part {
        guard let name = try? PartName(bytes: try bytes()) else { throw unexpected() }
        let (version, checksum) = (try int64(), UInt64(bitPattern: try int64()))
        return Part(name: name, version: version, payload: PartPayload(bytes: try bytes(), checksum: checksum))
    }

    /// The columns of ``Statements/history``.
    fileprivate mutating func historyEntry() throws -> HistoryEntry {
        HistoryEntry(
            version: try int64(), schema: try int(), updatedAtMillis: try int64(), replacedAtMillis: try int64(),
            reason: try optionalText(), storedBytes: try int(), documentBytes: try int(), isDeletion: try int64() != 0)
    }

    /// The columns of ``Statements/keptContent``.
    fileprivate mutating func content() throws -> Content {
        let (schema, checksum, documentBytes) = (try int(), UInt64(bitPattern: try int64()), try int())
        guard let userIDs = Content.userIDs(fromText: try text()) else { throw unexpected() }
        let metadata = try optionalBytes()
        let payload = Payload(bytes: try bytes(), checksum: checksum, documentBytes: documentBytes)
        return Content(payload: payload, schema: schema, userIDs: userIDs, metadata: metadata)
    }
}
