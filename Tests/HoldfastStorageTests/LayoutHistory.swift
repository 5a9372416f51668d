import GRDB

/// SQLite files as builds of older layouts left them, and what those builds go on doing to newer ones.
enum LayoutHistory {
    /// Takes away what later layouts added.
    static func remove(downTo schema: Int, _ path: String) throws {
        try DatabaseQueue(path: path).write { database in
            for trigger in ["record_user_inserted", "record_user_updated", "record_part_removed"] {
                try database.execute(sql: "DROP TRIGGER \(trigger)")
            }
            for index in ["operation_id", "operation_dead", "operation_receipt"] {
                try database.execute(sql: "DROP INDEX \(index)")
            }
            var tables = ["part", "history", "decision", "erasure", "record_user"]
            if schema < 2 { tables += ["space", "log_entry", "score", "score_batch", "definition"] }
            for table in tables { try database.execute(sql: "DROP TABLE \(table)") }
            for column in ["expires_at", "due_at", "progress"] {
                try database.execute(sql: "ALTER TABLE operation DROP COLUMN \(column)")
            }
            try database.execute(sql: "ALTER TABLE deployment DROP COLUMN generation")
            try database.execute(sql: "UPDATE layout SET schema = ?", arguments: [schema])
        }
    }

    /// How a build of layout 2 saves; 1 save id, 2 time, 3 user ids, 4 payload, 5 key.
    static let save = """
        UPDATE record SET version = version + 1, save_id = ?1, updated_at = ?2,
            created_at = iif(version = 0, ?2, created_at), schema = 1, checksum = 0, document_bytes = 0,
            user_ids = ?3, metadata = NULL, payload = ?4
        WHERE deployment = 1 AND collection = 'players' AND key = ?5
        """
    /// How a build of layout 2 deletes; 1 save id, 2 time, 3 key.
    static let delete = """
        UPDATE record SET version = version + 1, fence = fence + 1, save_id = ?1, updated_at = ?2,
            owner_nonce = NULL, owner_server = NULL, owner_boot = NULL,
            schema = NULL, checksum = NULL, document_bytes = NULL, user_ids = NULL, metadata = NULL, payload = NULL
        WHERE deployment = 1 AND collection = 'players' AND key = ?3
        """
    /// How a build of layout 2 delivers; 1 key.
    static let deliver = """
        INSERT INTO operation (deployment, collection, key, id, type, payload, state, attempts, delivered_at)
        VALUES (1, 'players', ?1, x'61', 'reward', x'31', 'pending', 0, 1)
        ON CONFLICT (deployment, collection, key, id) DO NOTHING
        """
}
