import GRDB

/// The commit log's table and triggers on SQLite.
///
/// Old owner and fence name who wrote: a session's last save clears the owner in the same statement.
enum SQLiteCommitLog {
    private static let create = """
        CREATE TABLE IF NOT EXISTS holdfast_commit_log (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            deployment INTEGER NOT NULL, collection TEXT NOT NULL, key BLOB NOT NULL,
            old_version INTEGER, version INTEGER NOT NULL,
            old_fence INTEGER, fence INTEGER NOT NULL,
            old_owner BLOB, owner BLOB, save_id BLOB,
            at INTEGER NOT NULL
        );
        DROP TRIGGER IF EXISTS holdfast_commit_log_insert;
        DROP TRIGGER IF EXISTS holdfast_commit_log_update;
        CREATE TRIGGER holdfast_commit_log_insert AFTER INSERT ON record BEGIN
            INSERT INTO holdfast_commit_log (deployment, collection, key, version, fence, owner, save_id, at)
            VALUES (
                NEW.deployment, NEW.collection, NEW.key, NEW.version, NEW.fence, NEW.owner_nonce, NEW.save_id,
                CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
            );
        END;
        CREATE TRIGGER holdfast_commit_log_update AFTER UPDATE ON record
        WHEN OLD.version IS NOT NEW.version OR OLD.fence IS NOT NEW.fence
            OR OLD.owner_nonce IS NOT NEW.owner_nonce OR OLD.save_id IS NOT NEW.save_id
            OR OLD.checksum IS NOT NEW.checksum
        BEGIN
            INSERT INTO holdfast_commit_log (
                deployment, collection, key, old_version, version, old_fence, fence, old_owner, owner, save_id, at
            ) VALUES (
                NEW.deployment, NEW.collection, NEW.key, OLD.version, NEW.version, OLD.fence, NEW.fence,
                OLD.owner_nonce, NEW.owner_nonce, NEW.save_id,
                CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
            );
        END;
        """
    private static let drop = """
        DROP TRIGGER IF EXISTS holdfast_commit_log_insert;
        DROP TRIGGER IF EXISTS holdfast_commit_log_update;
        DROP TABLE IF EXISTS holdfast_commit_log;
        """

    static func install(path: String) throws(VerifierError) {
        try SQLiteFile.open(path, readOnly: false) { queue in
            try queue.write { database in
                guard try database.tableExists("record") else {
                    throw VerifierError(.notFound, "\(path) is not a migrated store")
                }
                try database.execute(sql: create)
            }
        }
    }

    static func remove(path: String) throws(VerifierError) {
        try SQLiteFile.open(path, readOnly: false) { queue in
            try queue.write { database in try database.execute(sql: drop) }
        }
    }
}
