// The statements of parts, history, decisions, people and the generation.
//
// Parameters with numbers are bound by ``HotStatement`` or stand more than once; the others stand in the order of their
// question marks.

extension Statements {
    // MARK: - Layout 3

    /// The people that a row names; a column that is no list, which no build writes, counts as empty.
    private static func people(of row: String) -> String {
        "json_each(iif(json_valid(\(row).user_ids), \(row).user_ids, '[]'))"
    }

    /// What layout 3 adds; layouts 1 and 2 stay as they are, so that their builds go on beside this one.
    ///
    /// Those builds know nothing of people and parts. So triggers look after both, whichever build saves or deletes a
    /// record; they read small columns only, and a save that changes no people costs one comparison. SQLite ends a
    /// text that it takes out of JSON at a NUL: `record_user` finds candidates, the record itself decides.
    ///
    /// Due and expiry dates and the progress of operations belong to this layout, too.
    static let createLayout3 = """
        ALTER TABLE deployment ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE operation ADD COLUMN expires_at INTEGER;
        ALTER TABLE operation ADD COLUMN due_at INTEGER;
        ALTER TABLE operation ADD COLUMN progress BLOB;
        CREATE INDEX operation_id ON operation (deployment, id);
        CREATE INDEX operation_receipt ON operation (deployment, finished_at) WHERE \(isReceipt);
        CREATE INDEX operation_dead ON operation (deployment, collection, sequence) WHERE state = 'dead';
        CREATE TABLE part (
            deployment INTEGER NOT NULL,
            collection TEXT NOT NULL,
            key BLOB NOT NULL,
            name BLOB NOT NULL,
            version INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            payload BLOB NOT NULL,
            UNIQUE (deployment, collection, key, name)
        ) STRICT;
        CREATE TABLE history (
            deployment INTEGER NOT NULL,
            collection TEXT NOT NULL,
            key BLOB NOT NULL,
            version INTEGER NOT NULL,
            schema INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            document_bytes INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            replaced_at INTEGER NOT NULL,
            deletion INTEGER NOT NULL,
            reason TEXT,
            user_ids TEXT NOT NULL,
            metadata BLOB,
            payload BLOB NOT NULL,
            UNIQUE (deployment, collection, key, version)
        ) STRICT;
        CREATE INDEX history_age ON history (deployment, replaced_at);
        CREATE TABLE decision (
            deployment INTEGER NOT NULL,
            trade BLOB NOT NULL,
            verdict TEXT NOT NULL,
            decided_at INTEGER NOT NULL,
            PRIMARY KEY (deployment, trade)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE erasure (
            deployment INTEGER NOT NULL,
            user_id BLOB NOT NULL,
            remembered_at INTEGER NOT NULL,
            PRIMARY KEY (deployment, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE record_user (
            deployment INTEGER NOT NULL,
            user_id BLOB NOT NULL,
            collection TEXT NOT NULL,
            key BLOB NOT NULL,
            PRIMARY KEY (deployment, user_id, collection, key)
        ) STRICT, WITHOUT ROWID;
        INSERT OR IGNORE INTO record_user (deployment, user_id, collection, key)
            SELECT r.deployment, CAST(j.value AS BLOB), r.collection, r.key
            FROM record r, \(people(of: "r")) j WHERE j.type = 'text';
        CREATE TRIGGER record_user_inserted AFTER INSERT ON record WHEN new.user_ids IS NOT NULL BEGIN
            INSERT OR IGNORE INTO record_user (deployment, user_id, collection, key)
                SELECT new.deployment, CAST(j.value AS BLOB), new.collection, new.key
                FROM \(people(of: "new")) j WHERE j.type = 'text';
        END;
        CREATE TRIGGER record_user_updated AFTER UPDATE OF user_ids ON record
        WHEN old.user_ids IS NOT new.user_ids BEGIN
            DELETE FROM record_user
                WHERE deployment = old.deployment AND collection = old.collection AND key = old.key
                    AND user_id IN (SELECT CAST(j.value AS BLOB) FROM \(people(of: "old")) j);
            INSERT OR IGNORE INTO record_user (deployment, user_id, collection, key)
                SELECT new.deployment, CAST(j.value AS BLOB), new.collection, new.key
                FROM \(people(of: "new")) j WHERE j.type = 'text';
        END;
        CREATE TRIGGER record_part_removed AFTER UPDATE OF checksum ON record WHEN new.checksum IS NULL BEGIN
            DELETE FROM part WHERE deployment = new.deployment AND collection = new.collection AND key = new.key;
        END;
        """

    // MARK: - Generation

    static let generation = "SELECT generation FROM deployment WHERE number = ?"
    static let bumpGeneration = """
        UPDATE deployment SET generation = max(generation + 1, ?) WHERE number = ? RETURNING generation
        """

    // MARK: - Parts

    static let putPart = """
        INSERT INTO part (deployment, collection, key, name, version, checksum, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (deployment, collection, key, name) DO UPDATE SET
            version = excluded.version, checksum = excluded.checksum, payload = excluded.payload
        """
    static let removePart = "DELETE FROM part WHERE deployment = ?1 AND collection = ?2 AND key = ?3 AND name = ?4"
    static let removeParts = "DELETE FROM part WHERE deployment = ? AND collection = ? AND key = ?"
    private static let partColumns = """
        SELECT name, version, checksum, payload FROM part WHERE deployment = ? AND collection = ? AND key = ?
        """
    static let part = "\(partColumns) AND name = ?"
    static let partsFrom = "\(partColumns) AND name >= ? AND name < ? ORDER BY name LIMIT ?"
    static let partsAfter = "\(partColumns) AND name > ? AND name < ? ORDER BY name LIMIT ?"
    static let partSummary = """
        SELECT count(*), ifnull(sum(length(payload)), 0) FROM part WHERE deployment = ? AND collection = ? AND key = ?
        """

    // MARK: - History

    /// Copies what a row holds; 1 replaced at, 2 deletion, 3 reason, 4 deployment, 5 collection, 6 key.
    ///
    /// A version that is kept already stays as it is.
    private static let keepRow = """
        INSERT OR IGNORE INTO history (deployment, collection, key, version, schema, checksum, document_bytes,
            updated_at, replaced_at, deletion, reason, user_ids, metadata, payload)
        SELECT deployment, collection, key, version, schema, checksum, document_bytes, updated_at, ?1, ?2, ?3,
            user_ids, metadata, payload
        FROM record WHERE deployment = ?4 AND collection = ?5 AND key = ?6 AND payload IS NOT NULL
        """
    /// The same for a write: 7 fence, 8 nonce, 9 version, 10 the time from which on nothing is kept.
    static let keep = "\(keepRow) AND fence = ?7 AND owner_nonce = ?8 AND version = ?9 AND updated_at < ?10"
    static let keepCurrent = keepRow
    static let currentVersion = """
        SELECT version FROM record WHERE deployment = ? AND collection = ? AND key = ? AND payload IS NOT NULL
        """
    static let history = """
        SELECT version, schema, updated_at, replaced_at, reason, length(payload), document_bytes, deletion FROM history
        WHERE deployment = ? AND collection = ? AND key = ? AND version < ? ORDER BY version DESC LIMIT ?
        """
    private static let contentColumns = "SELECT schema, checksum, document_bytes, user_ids, metadata, payload FROM"
    private static let thatVersion = """
        WHERE deployment = ? AND collection = ? AND key = ? AND version = ? AND payload IS NOT NULL
        """
    static let keptContent = "\(contentColumns) history \(thatVersion)"
    static let currentContent = "\(contentColumns) record \(thatVersion)"
    static let pruneHistory = """
        DELETE FROM history WHERE rowid IN (
            SELECT rowid FROM history WHERE deployment = ? AND replaced_at < ? ORDER BY replaced_at LIMIT ?
        )
        """
    static let removeHistory = "DELETE FROM history WHERE deployment = ? AND collection = ? AND key = ?"

    // MARK: - Decisions

    static let decide = """
        INSERT OR IGNORE INTO decision (deployment, trade, verdict, decided_at) VALUES (?, ?, ?, ?)
        """
    static let decision = "SELECT verdict FROM decision WHERE deployment = ? AND trade = ?"

    // MARK: - People

    static let recordsOfUser = """
        SELECT u.collection, u.key, r.user_ids
        FROM record_user u CROSS JOIN record r
            ON r.deployment = u.deployment AND r.collection = u.collection AND r.key = u.key
        WHERE u.deployment = ? AND u.user_id = ? AND (u.collection, u.key) > (?, ?) AND r.user_ids IS NOT NULL
        ORDER BY u.collection, u.key
        """
    /// A row that holds nothing and that nobody owns stays as it is.
    static let eraseRecord = """
        UPDATE record SET version = version + (payload IS NOT NULL), fence = fence + 1,
            save_id = iif(payload IS NULL, save_id, ?), updated_at = iif(payload IS NULL, updated_at, ?),
            owner_nonce = NULL, owner_server = NULL, owner_boot = NULL,
            schema = NULL, checksum = NULL, document_bytes = NULL, user_ids = NULL, metadata = NULL, payload = NULL
        WHERE deployment = ? AND collection = ? AND key = ? AND (payload IS NOT NULL OR owner_nonce IS NOT NULL)
        """
    static let eraseOperations = """
        UPDATE operation SET payload = x'', last_error = NULL, finished_at = ifnull(finished_at, ?), due_at = NULL,
            progress = NULL, state = iif(state = 'pending', 'cancelled', state)
        WHERE deployment = ? AND collection = ? AND key = ?
            AND (state = 'pending' OR length(payload) > 0 OR last_error IS NOT NULL)
        """
    static let historyOfUser = "SELECT rowid, user_ids FROM history WHERE deployment = ? AND instr(user_ids, ?) > 0"
    static let eraseVersion = "DELETE FROM history WHERE rowid = ?"
    static let rememberErasure = """
        INSERT INTO erasure (deployment, user_id, remembered_at) VALUES (?, ?, ?)
        ON CONFLICT (deployment, user_id) DO UPDATE SET remembered_at = max(remembered_at, excluded.remembered_at)
        """
    static let erasures = """
        SELECT user_id, remembered_at FROM erasure WHERE deployment = ? AND user_id > ? ORDER BY user_id LIMIT ?
        """
}
