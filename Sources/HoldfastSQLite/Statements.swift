/// Every SQL statement of the SQLite backend.
///
/// Arguments stand in the order of their question marks. Keys and ids are blobs, so SQLite compares
/// them as bytes; collection names are ASCII.
enum Statements {
    // MARK: - Layout

    /// The layout that this build writes, and the oldest build that may read it.
    static let schema = 3
    static let minimumReader = 1

    static let hasLayout = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'layout'"
    static let layout = "SELECT schema, minimum_reader FROM layout"
    static let insertLayout = "INSERT INTO layout (schema, minimum_reader) VALUES (?, ?)"
    static let version = "SELECT sqlite_version()"

    /// Layout 1: small columns come first, so that SQLite reads them without the pages that payloads spill into.
    static let createLayout = """
        CREATE TABLE layout (
            schema INTEGER NOT NULL,
            minimum_reader INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE deployment (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            id BLOB NOT NULL,
            lease_millis INTEGER NOT NULL,
            renew_millis INTEGER NOT NULL,
            beat_millis INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE record (
            deployment INTEGER NOT NULL,
            collection TEXT NOT NULL,
            key BLOB NOT NULL,
            version INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            owner_nonce BLOB,
            owner_server TEXT,
            owner_boot BLOB,
            save_id BLOB,
            schema INTEGER,
            checksum INTEGER,
            document_bytes INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            user_ids TEXT,
            payload BLOB,
            metadata BLOB,
            UNIQUE (deployment, collection, key)
        ) STRICT;
        CREATE TABLE operation (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            deployment INTEGER NOT NULL,
            collection TEXT NOT NULL,
            key BLOB NOT NULL,
            id BLOB NOT NULL,
            type TEXT NOT NULL,
            payload BLOB NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            last_error TEXT,
            delivered_at INTEGER NOT NULL,
            finished_at INTEGER,
            UNIQUE (deployment, collection, key, id)
        ) STRICT;
        CREATE INDEX operation_pending ON operation (deployment, collection, key, sequence) WHERE state = 'pending';
        """

    // MARK: - Deployment

    static let upsertDeployment = """
        INSERT INTO deployment (name, id, lease_millis, renew_millis, beat_millis, created_at)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET
            lease_millis = excluded.lease_millis,
            renew_millis = excluded.renew_millis,
            beat_millis = excluded.beat_millis
        """
    static let deployment = """
        SELECT number, id, lease_millis, renew_millis, beat_millis FROM deployment WHERE name = ?
        """

    // MARK: - Records

    static let rowState = """
        SELECT version, fence, owner_nonce, owner_server, owner_boot, save_id
        FROM record WHERE deployment = ? AND collection = ? AND key = ?
        """
    static let row = """
        SELECT version, fence, owner_nonce, owner_server, owner_boot, save_id,
            created_at, updated_at, schema, checksum, document_bytes, user_ids, metadata, payload
        FROM record WHERE deployment = ? AND collection = ? AND key = ?
        """
    static let insertSealed = """
        INSERT INTO record (deployment, collection, key, version, fence, owner_nonce, owner_server, owner_boot,
            created_at, updated_at)
        VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?)
        """
    static let updateSealed = """
        UPDATE record SET fence = ?, owner_nonce = ?, owner_server = ?, owner_boot = ?
        WHERE deployment = ? AND collection = ? AND key = ?
        """
    /// The fencing compare; every write of a session ends with it.
    private static let hit = """
        WHERE deployment = ? AND collection = ? AND key = ? AND fence = ? AND owner_nonce = ? AND version = ?
        """
    /// Misses a row that history is to keep first.
    private static let hitUnlessKept = "\(hit) AND updated_at >= ?"
    private static let clearedOwner = "owner_nonce = NULL, owner_server = NULL, owner_boot = NULL"
    private static let content = """
        version = version + 1, save_id = ?, updated_at = ?, created_at = iif(version = 0, ?, created_at),
        schema = ?, checksum = ?, document_bytes = ?, user_ids = ?, metadata = ?, payload = ?
        """
    static let save = "UPDATE record SET \(content) \(hitUnlessKept)"
    static let saveAndRelease = "UPDATE record SET \(content), \(clearedOwner) \(hitUnlessKept)"
    static let release = "UPDATE record SET \(clearedOwner) \(hit)"
    static let tombstone = """
        UPDATE record SET version = version + 1, fence = fence + 1, save_id = ?, updated_at = ?, \(clearedOwner),
            schema = NULL, checksum = NULL, document_bytes = NULL, user_ids = NULL, metadata = NULL, payload = NULL
        \(hitUnlessKept)
        """
    static let raiseFence = """
        UPDATE record SET fence = ifnull(?, fence) + 1, \(clearedOwner)
        WHERE deployment = ? AND collection = ? AND key = ? AND fence <= ifnull(?, fence)
        RETURNING fence
        """
    /// The last key of a page of records, and how many there are.
    static let lastOfPage = """
        SELECT collection, key, n FROM (
            SELECT collection, key, count(*) OVER () AS n FROM (
                SELECT collection, key FROM record WHERE deployment = ? AND (collection, key) > (?, ?)
                ORDER BY collection, key LIMIT ?
            )
        ) ORDER BY collection DESC, key DESC LIMIT 1
        """
    static let raiseFences = """
        UPDATE record SET fence = fence + 1, \(clearedOwner)
        WHERE deployment = ? AND (collection, key) > (?, ?) AND (collection, key) <= (?, ?)
        """

    private static let summary = """
        SELECT key, version, schema, length(payload), document_bytes, updated_at FROM record
        WHERE deployment = ? AND collection = ? AND version > 0 AND payload IS NOT NULL
        """
    static let listFrom = "\(summary) AND key >= ? AND key < ? ORDER BY key LIMIT ?"
    static let listAfter = "\(summary) AND key > ? AND key < ? ORDER BY key LIMIT ?"
    /// 1 deployment, 2 collection.
    static let totals = """
        SELECT r.count, r.documents, r.stored, r.largest, p.count, p.bytes, h.count, h.bytes, o.count
        FROM
            (SELECT count(*) AS count, ifnull(sum(document_bytes), 0) AS documents,
                ifnull(sum(length(payload)), 0) AS stored, ifnull(max(document_bytes), 0) AS largest
                FROM record WHERE deployment = ?1 AND collection = ?2 AND version > 0 AND payload IS NOT NULL) r,
            (SELECT count(*) AS count, ifnull(sum(length(payload)), 0) AS bytes
                FROM part WHERE deployment = ?1 AND collection = ?2) p,
            (SELECT count(*) AS count, ifnull(sum(length(payload)), 0) AS bytes
                FROM history WHERE deployment = ?1 AND collection = ?2) h,
            (SELECT count(*) AS count
                FROM operation WHERE deployment = ?1 AND collection = ?2 AND state = 'pending') o
        """
    static let collections = """
        SELECT collection, count(*) FROM record
        WHERE deployment = ? AND version > 0 AND payload IS NOT NULL
        GROUP BY collection ORDER BY collection
        """
}
