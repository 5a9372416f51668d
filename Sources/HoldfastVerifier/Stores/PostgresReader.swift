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
    private static let operations = """
        SELECT key, id, type::text, state::text, payload
        FROM holdfast.operation WHERE deployment = $1::bigint AND collection = $2::text ORDER BY sequence
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
    private static let announcements = """
        SELECT p.last, e.sequence, e.id
        FROM holdfast.space p LEFT JOIN holdfast.log_entry e ON e.space = p.number
        WHERE p.deployment = $1::bigint AND p.kind = 1 AND p.name = convert_to($2::text, 'UTF8')
        """

    private let url: String
    private let password: String?

    init(url: String, password: String?) {
        self.url = url
        self.password = password
    }

    func read(deployment name: String, collection: String, keys: inout KeyTable) throws(VerifierError) -> StoreImage {
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
        try connection.rows(Self.records, scope) { row throws(VerifierError) in
            image.records[keys.index(of: row.bytes(0) ?? [])] = StoreImage.Record(
                version: try row.integer(1), fence: try row.integer(2), owner: row.bytes(3), saveID: row.bytes(4),
                payload: row.bytes(5), checksum: try row.optionalInteger(6),
                documentBytes: try row.optionalInteger(7))
        }
        try connection.rows(Self.operations, scope) { row throws(VerifierError) in
            image.operations.append(
                StoreImage.Operation(
                    key: keys.index(of: row.bytes(0) ?? []), id: row.bytes(1) ?? [], type: row.text(2),
                    state: row.text(3), payload: row.bytes(4) ?? []))
        }
        try connection.rows(Self.commits, scope) { row throws(VerifierError) in
            let commit = StoreImage.Commit(
                oldVersion: try row.optionalInteger(1), version: try row.integer(2),
                oldFence: try row.optionalInteger(3), fence: try row.integer(4), oldOwner: row.randomID(5),
                owner: row.randomID(6), saveID: row.randomID(7))
            image.append(commit, to: keys.index(of: row.bytes(0) ?? []))
        }
        // A store of an older layout has neither boards nor channels.
        if try connection.hasRow(Self.spacesExist) {
            try readShared(connection, String(number), collection, &image, &keys)
        }
        try connection.execute("COMMIT")
        return image
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
