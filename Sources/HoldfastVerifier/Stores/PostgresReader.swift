/// Reads a deployment's collection from a PostgreSQL store, in one snapshot.
struct PostgresReader {
    private static let logExists = "SELECT 1 WHERE to_regclass('holdfast.commit_log') IS NOT NULL"
    private static let deployment = """
        SELECT number::bigint, lease_millis::bigint FROM holdfast.deployment WHERE name = $1::text
        """
    private static let records = """
        SELECT key, version::bigint, fence::bigint, owner_nonce, save_id, payload, checksum::bigint,
            document_bytes::bigint
        FROM holdfast.record WHERE deployment = $1::bigint AND collection = $2::text ORDER BY key
        """
    private static let partsExist = "SELECT 1 WHERE to_regclass('holdfast.part') IS NOT NULL"
    private static let parts = """
        SELECT key, name, version::bigint, payload, checksum::bigint
        FROM holdfast.part WHERE deployment = $1::bigint AND collection = $2::text
        """
    private static let commits = """
        SELECT key, old_version, version, old_fence, fence, old_owner, owner, save_id
        FROM holdfast.commit_log WHERE deployment = $1::bigint AND collection = $2::text ORDER BY sequence
        """
    private static let spacesExist = "SELECT 1 WHERE to_regclass('holdfast.space') IS NOT NULL"
    private static let scores = """
        SELECT s.member, s.score, s.submissions, s.reached
        FROM holdfast.score s JOIN holdfast.space p ON p.number = s.space
        WHERE p.deployment = $1::bigint AND p.kind = 2 AND s.removed = 0
            AND position(convert_to($2::text, 'UTF8') IN p.name) = 1
        """
    private static let decisions = "SELECT trade, verdict::text FROM holdfast.decision WHERE deployment = $1::bigint"
    private static let notedTrades = """
        SELECT e.id FROM holdfast.log_entry e JOIN holdfast.space p ON p.number = e.space
        WHERE p.deployment = $1::bigint AND p.kind = 1
            AND position(convert_to('trade:journal:', 'UTF8') IN p.name) = 1
        """
    private static let announcements = """
        SELECT p.last, e.sequence, e.id
        FROM holdfast.space p LEFT JOIN holdfast.log_entry e ON e.space = p.number
        WHERE p.deployment = $1::bigint AND p.kind = 1 AND p.name = convert_to($2::text, 'UTF8')
        """

    private static func operations(isLayout3: Bool) -> String {
        """
        SELECT key, id, type::text, state::text, payload, \(isLayout3 ? "progress" : "NULL::bytea")
        FROM holdfast.operation WHERE deployment = $1::bigint AND collection = $2::text ORDER BY sequence
        """
    }

    private let url: String
    private let password: String?

    init(url: String, password: String?) {
        self.url = url
        self.password = password
    }

    func read(_ run: RunDescription, keys: inout KeyTable) throws(VerifierError) -> StoreImage {
        let (name, collection) = (run.deployment, run.collection)
        let connection = try PostgresConnection(url: url, password: password)
        try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        guard try connection.hasRow(Self.logExists) else {
            throw VerifierError(.notFound, "the store has no commit log; it is installed before a run")
        }
        var image = StoreImage()
        var number: Int64?
        try connection.rows(Self.deployment, [name]) { row throws(VerifierError) in
            number = try row.integer(0)
            image.leaseNanoseconds = try row.integer(1) * 1_000_000
        }
        guard let number else { throw VerifierError(.notFound, "the store has no deployment \(name)") }
        let scope = [String(number), collection]
        let worlds = [String(number), run.worlds]
        try readRecords(connection, scope, &image, &keys)
        try readRecords(connection, worlds, isWorld: true, &image, &keys)
        let isLayout3 = try connection.hasRow(Self.partsExist)
        try connection.rows(Self.operations(isLayout3: isLayout3), scope) { row throws(VerifierError) in
            image.operations.append(
                StoreImage.Operation(
                    key: keys.index(of: row.bytes(0) ?? []), id: row.bytes(1) ?? [], type: row.text(2),
                    state: row.text(3), payload: row.bytes(4) ?? [], progress: row.bytes(5)))
        }
        for scope in [scope, worlds] { try readCommits(connection, scope, &image, &keys) }
        // A store of an older layout has neither worlds nor boards nor channels.
        if isLayout3 {
            try readParts(connection, worlds, &image, &keys)
            try connection.rows(Self.decisions, [String(number)]) { row throws(VerifierError) in
                if let trade = row.randomID(0) { image.trades.verdicts[trade] = row.text(1) }
            }
            try connection.rows(Self.notedTrades, [String(number)]) { row throws(VerifierError) in
                if let trade = row.randomID(0) { image.trades.noted.insert(trade) }
            }
        }
        if try connection.hasRow(Self.spacesExist) {
            try readShared(connection, String(number), collection, &image, &keys)
        }
        try connection.execute("COMMIT")
        return image
    }

    private func readRecords(
        _ connection: PostgresConnection, _ scope: [String], isWorld: Bool = false, _ image: inout StoreImage,
        _ keys: inout KeyTable
    ) throws(VerifierError) {
        try connection.rows(Self.records, scope) { row throws(VerifierError) in
            let key = keys.index(of: row.bytes(0) ?? [])
            image.records[key] = StoreImage.Record(
                version: try row.integer(1), fence: try row.integer(2), owner: row.bytes(3), saveID: row.bytes(4),
                payload: row.bytes(5), checksum: try row.optionalInteger(6),
                documentBytes: try row.optionalInteger(7), isWorld: isWorld)
            if isWorld { image.worlds[key] = [] }
        }
    }

    private func readParts(
        _ connection: PostgresConnection, _ scope: [String], _ image: inout StoreImage, _ keys: inout KeyTable
    ) throws(VerifierError) {
        try connection.rows(Self.parts, scope) { row throws(VerifierError) in
            image.worlds[keys.index(of: row.bytes(0) ?? []), default: []].append(
                StoreImage.Part(
                    name: row.bytes(1), version: try row.integer(2), payload: row.bytes(3),
                    checksum: try row.optionalInteger(4)))
        }
    }

    private func readCommits(
        _ connection: PostgresConnection, _ scope: [String], _ image: inout StoreImage, _ keys: inout KeyTable
    ) throws(VerifierError) {
        try connection.rows(Self.commits, scope) { row throws(VerifierError) in
            let commit = StoreImage.Commit(
                oldVersion: try row.optionalInteger(1), version: try row.integer(2),
                oldFence: try row.optionalInteger(3), fence: try row.integer(4), oldOwner: row.randomID(5),
                owner: row.randomID(6), saveID: row.randomID(7))
            image.append(commit, to: keys.index(of: row.bytes(0) ?? []))
        }
    }

    private func readShared(
        _ connection: PostgresConnection, _ deployment: String, _ collection: String, _ image: inout StoreImage,
        _ keys: inout KeyTable
    ) throws(VerifierError) {
        for board in SharedJournals.Board.allCases {
            try connection.rows(Self.scores, [deployment, board.tables(in: collection)]) { row throws(VerifierError) in
                image.scores[board, default: [:]][keys.index(of: row.bytes(0) ?? [])] = StoreImage.Score(
                    score: try row.integer(1), submissions: try row.integer(2), reached: try row.integer(3))
            }
        }
        try connection.rows(Self.announcements, [deployment, "announce:\(collection)"]) { row throws(VerifierError) in
            image.lastAnnouncement = try row.integer(0)
            if let sequence = try row.optionalInteger(1) { image.announcements[sequence] = row.randomID(2) }
        }
    }
}
