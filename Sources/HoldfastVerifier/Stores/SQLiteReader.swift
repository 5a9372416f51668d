import Foundation
import GRDB

/// Reads a deployment's collection from a SQLite store, in one read transaction.
struct SQLiteReader {
    private static let deployment = "SELECT number, lease_millis FROM deployment WHERE name = ?"
    private static let records = """
        SELECT key, version, fence, owner_nonce, save_id, payload, checksum, document_bytes
        FROM record WHERE deployment = ? AND collection = ? ORDER BY key
        """
    private static let parts = """
        SELECT key, name, version, payload, checksum FROM part WHERE deployment = ? AND collection = ?
        """
    private static let commits = """
        SELECT key, old_version, version, old_fence, fence, old_owner, owner, save_id
        FROM holdfast_commit_log WHERE deployment = ? AND collection = ? ORDER BY sequence
        """
    private static let scores = """
        SELECT s.member, s.score, s.submissions, s.reached FROM score s JOIN space p ON p.number = s.space
        WHERE p.deployment = ? AND p.kind = 2 AND substr(p.name, 1, length(?2)) = ?2 AND s.removed = 0
        """
    private static let decisions = "SELECT trade, verdict FROM decision WHERE deployment = ?"
    private static let notedTrades = """
        SELECT e.id FROM log_entry e JOIN space p ON p.number = e.space
        WHERE p.deployment = ? AND p.kind = 1 AND substr(p.name, 1, 14) = CAST('trade:journal:' AS BLOB)
        """
    private static let channel = "SELECT number, last FROM space WHERE deployment = ? AND kind = 1 AND name = ?"
    private static let announcements = "SELECT sequence, id FROM log_entry WHERE space = ?"

    private static func operations(isLayout3: Bool) -> String {
        """
        SELECT key, id, type, state, payload, \(isLayout3 ? "progress" : "NULL")
        FROM operation WHERE deployment = ? AND collection = ? ORDER BY sequence
        """
    }

    private let path: String

    init(path: String) {
        self.path = path
    }

    func read(_ run: RunDescription, keys: inout KeyTable) throws(VerifierError) -> StoreImage {
        let (name, collection) = (run.deployment, run.collection)
        return try SQLiteFile.open(path, readOnly: true) { queue in
            try queue.read { database in
                guard try database.tableExists("holdfast_commit_log") else {
                    throw VerifierError(.notFound, "\(path) has no commit log; it is installed before a run")
                }
                guard let row = try Row.fetchOne(database, sql: Self.deployment, arguments: [name]) else {
                    throw VerifierError(.notFound, "\(path) has no deployment \(name)")
                }
                let number: Int64 = row[0]
                let leaseMillis: Int64 = row[1]
                var image = StoreImage()
                image.leaseNanoseconds = leaseMillis * 1_000_000
                let scope: StatementArguments = [number, collection]
                let worlds: StatementArguments = [number, run.worlds]
                try readRecords(database, scope, &image, &keys)
                try readRecords(database, worlds, isWorld: true, &image, &keys)
                let isLayout3 = try database.tableExists("part")
                try readOperations(database, scope, isLayout3: isLayout3, &image, &keys)
                try readCommits(database, scope, &image, &keys)
                try readCommits(database, worlds, &image, &keys)
                // A store of an older layout has neither worlds nor boards nor channels.
                if isLayout3 {
                    try readParts(database, worlds, &image, &keys)
                    try readTrades(database, number, &image)
                }
                if try database.tableExists("space") {
                    try readScores(database, number, collection, &image, &keys)
                    try readAnnouncements(database, number, collection, &image)
                }
                return image
            }
        }
    }

    private func readRecords(
        _ database: Database, _ scope: StatementArguments, isWorld: Bool = false, _ image: inout StoreImage,
        _ keys: inout KeyTable
    ) throws {
        let rows = try Row.fetchCursor(database, sql: Self.records, arguments: scope)
        while let row = try rows.next() {
            let key = keys.index(of: row.bytes(0) ?? [])
            image.records[key] = StoreImage.Record(
                version: row[1], fence: row[2], owner: row.bytes(3), saveID: row.bytes(4), payload: row.bytes(5),
                checksum: row[6], documentBytes: row[7], isWorld: isWorld)
            if isWorld { image.worlds[key] = [] }
        }
    }

    private func readParts(
        _ database: Database, _ scope: StatementArguments, _ image: inout StoreImage, _ keys: inout KeyTable
    ) throws {
        let rows = try Row.fetchCursor(database, sql: Self.parts, arguments: scope)
        while let row = try rows.next() {
            image.worlds[keys.index(of: row.bytes(0) ?? []), default: []].append(
                StoreImage.Part(name: row.bytes(1), version: row[2], payload: row.bytes(3), checksum: row[4]))
        }
    }

    private func readOperations(
        _ database: Database, _ scope: StatementArguments, isLayout3: Bool, _ image: inout StoreImage,
        _ keys: inout KeyTable
    ) throws {
        let rows = try Row.fetchCursor(database, sql: Self.operations(isLayout3: isLayout3), arguments: scope)
        while let row = try rows.next() {
            image.operations.append(
                StoreImage.Operation(
                    key: keys.index(of: row.bytes(0) ?? []), id: row.bytes(1) ?? [], type: row[2], state: row[3],
                    payload: row.bytes(4) ?? [], progress: row.bytes(5)))
        }
    }

    private func readTrades(_ database: Database, _ deployment: Int64, _ image: inout StoreImage) throws {
        let decisions = try Row.fetchCursor(database, sql: Self.decisions, arguments: [deployment])
        while let row = try decisions.next() {
            if let trade = row.randomID(0) { image.trades.verdicts[trade] = row[1] }
        }
        let noted = try Row.fetchCursor(database, sql: Self.notedTrades, arguments: [deployment])
        while let row = try noted.next() { image.trades.noted.formUnion([row.randomID(0)].compactMap(\.self)) }
    }

    private func readCommits(
        _ database: Database, _ scope: StatementArguments, _ image: inout StoreImage, _ keys: inout KeyTable
    ) throws {
        let rows = try Row.fetchCursor(database, sql: Self.commits, arguments: scope)
        while let row = try rows.next() {
            let commit = StoreImage.Commit(
                oldVersion: row[1], version: row[2], oldFence: row[3], fence: row[4], oldOwner: row.randomID(5),
                owner: row.randomID(6), saveID: row.randomID(7))
            image.append(commit, to: keys.index(of: row.bytes(0) ?? []))
        }
    }

    private func readScores(
        _ database: Database, _ deployment: Int64, _ collection: String, _ image: inout StoreImage,
        _ keys: inout KeyTable
    ) throws {
        for board in SharedJournals.Board.allCases {
            let prefix = Data(board.tables(in: collection).utf8)
            let rows = try Row.fetchCursor(database, sql: Self.scores, arguments: [deployment, prefix])
            while let row = try rows.next() {
                image.scores[board, default: [:]][keys.index(of: row.bytes(0) ?? [])] = StoreImage.Score(
                    score: row[1], submissions: row[2], reached: row[3])
            }
        }
    }

    private func readAnnouncements(
        _ database: Database, _ deployment: Int64, _ collection: String, _ image: inout StoreImage
    ) throws {
        let name = Data("announce:\(collection)".utf8)
        guard let log = try Row.fetchOne(database, sql: Self.channel, arguments: [deployment, name]) else { return }
        image.lastAnnouncement = log[1]
        let number: Int64 = log[0]
        let rows = try Row.fetchCursor(database, sql: Self.announcements, arguments: [number])
        while let row = try rows.next() { image.announcements[row[0]] = row.randomID(1) }
    }
}

extension Row {
    /// A blob's bytes; nil for NULL.
    fileprivate func bytes(_ column: Int) -> [UInt8]? {
        (self[column] as Data?).map(Array.init)
    }

    /// An id of 16 bytes; nil for NULL.
    fileprivate func randomID(_ column: Int) -> RandomID? {
        (self[column] as Data?).flatMap { RandomID(bytes: $0) }
    }
}
