// The statements of logs, score tables and definitions.
//
// Parameters with numbers are bound by ``HotStatement``; the others stand in the order of their question marks.

extension Statements {
    // MARK: - Layout 2

    /// What layout 2 adds; layout 1 stays as it is, so that its builds go on beside this one.
    ///
    /// A dropped space keeps its row without its name until its entries or scores are gone.
    static let createLayout2 = """
        CREATE TABLE space (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            deployment INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            name BLOB,
            generation BLOB NOT NULL,
            last INTEGER NOT NULL,
            count INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX space_name ON space (deployment, kind, name) WHERE name IS NOT NULL;
        CREATE INDEX space_dropped ON space (number) WHERE name IS NULL;
        CREATE TABLE log_entry (
            space INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            id BLOB NOT NULL,
            priority REAL NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            value BLOB NOT NULL,
            PRIMARY KEY (space, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX log_entry_id ON log_entry (space, id);
        CREATE INDEX log_entry_expiry ON log_entry (space, expires_at) WHERE expires_at IS NOT NULL;
        CREATE TABLE score (
            space INTEGER NOT NULL,
            member BLOB NOT NULL,
            score INTEGER NOT NULL,
            subscore INTEGER NOT NULL,
            submissions INTEGER NOT NULL,
            change INTEGER NOT NULL,
            reached INTEGER NOT NULL,
            record_version INTEGER,
            updated_at INTEGER NOT NULL,
            removed INTEGER NOT NULL,
            metadata BLOB,
            PRIMARY KEY (space, member)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX score_change ON score (space, change);
        CREATE TABLE score_batch (
            deployment INTEGER NOT NULL,
            id BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            refusals BLOB,
            PRIMARY KEY (deployment, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX score_batch_age ON score_batch (created_at);
        CREATE TABLE definition (
            deployment INTEGER NOT NULL,
            name BLOB NOT NULL,
            version INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            value BLOB,
            PRIMARY KEY (deployment, name)
        ) STRICT, WITHOUT ROWID;
        """
    static let raiseSchema = "UPDATE layout SET schema = ? WHERE schema < ?"

    // MARK: - Spaces

    static let space = """
        SELECT number, generation, last, count FROM space WHERE deployment = ? AND kind = ? AND name = ?
        """
    static let insertSpace = """
        INSERT INTO space (deployment, kind, name, generation, last, count) VALUES (?, ?, ?, ?, 0, 0)
        """
    static let updateSpace = "UPDATE space SET last = ?2, count = ?3 WHERE number = ?1"
    private static let summary = """
        SELECT s.name, s.generation, s.last,
            s.count - (SELECT count(*) FROM log_entry e WHERE e.space = s.number AND e.expires_at <= ?)
        FROM space s WHERE s.deployment = ? AND s.kind = ?
        """
    static let spacesFrom = "\(summary) AND s.name >= ? AND s.name < ? ORDER BY s.name LIMIT ?"
    static let spacesAfter = "\(summary) AND s.name > ? AND s.name < ? ORDER BY s.name LIMIT ?"

    static let spaceNumbers = """
        SELECT number FROM space WHERE deployment = ? AND name IS NOT NULL AND number > ? ORDER BY number LIMIT ?
        """
    static let renewGeneration = "UPDATE space SET generation = ? WHERE number = ?"

    static let dropSpace = "UPDATE space SET name = NULL WHERE deployment = ? AND kind IN (1, 2) AND name = ?"
    static let dropped = "SELECT number FROM space WHERE name IS NULL LIMIT 1"
    static let purgeEntries = """
        DELETE FROM log_entry WHERE space = ?1 AND sequence IN (
            SELECT sequence FROM log_entry WHERE space = ?1 LIMIT ?2
        )
        """
    static let purgeScores = """
        DELETE FROM score WHERE space = ?1 AND member IN (SELECT member FROM score WHERE space = ?1 LIMIT ?2)
        """
    static let purgeSpace = "DELETE FROM space WHERE number = ? AND name IS NULL"

    // MARK: - Logs

    static let entrySequence = "SELECT sequence FROM log_entry WHERE space = ?1 AND id = ?2"
    static let insertEntry = """
        INSERT INTO log_entry (space, sequence, id, priority, created_at, expires_at, value)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """
    static let countExpired = "SELECT count(*) FROM log_entry WHERE space = ? AND expires_at <= ?"
    static let entries = """
        SELECT id, sequence, value, priority, created_at, expires_at FROM log_entry
        WHERE space = ? AND sequence > ? AND (expires_at IS NULL OR expires_at > ?)
        ORDER BY sequence LIMIT ?
        """
    static let trimID = "DELETE FROM log_entry WHERE space = ?1 AND id = ?2"
    static let trimExpired = """
        DELETE FROM log_entry WHERE space = ?1 AND sequence IN (
            SELECT sequence FROM log_entry WHERE space = ?1 AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3
        )
        """
    static let trimThrough = """
        DELETE FROM log_entry WHERE space = ?1 AND sequence IN (
            SELECT sequence FROM log_entry WHERE space = ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3
        )
        """

    // MARK: - Scores

    private static let scoreColumns = """
        SELECT member, score, subscore, submissions, change, reached, metadata, updated_at, removed, record_version
        FROM score
        """
    static let score = "\(scoreColumns) WHERE space = ?1 AND member = ?2"
    static let scoresByChange = "\(scoreColumns) WHERE space = ?1 AND change > ?2 ORDER BY change LIMIT ?3"
    static let insertScore = """
        INSERT INTO score (space, member, score, subscore, submissions, change, reached, record_version, updated_at,
            removed, metadata)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """
    static let updateScore = """
        UPDATE score SET score = ?3, subscore = ?4, submissions = ?5, change = ?6, reached = ?7, record_version = ?8,
            updated_at = ?9, removed = ?10, metadata = ?11
        WHERE space = ?1 AND member = ?2
        """
    static let batch = "SELECT refusals FROM score_batch WHERE deployment = ?1 AND id = ?2"
    static let insertBatch = "INSERT INTO score_batch (deployment, id, created_at, refusals) VALUES (?1, ?2, ?3, ?4)"
    static let forgetBatches = """
        DELETE FROM score_batch WHERE (deployment, id) IN (
            SELECT deployment, id FROM score_batch WHERE created_at < ? ORDER BY created_at LIMIT ?
        )
        """

    // MARK: - Definitions

    /// A removed one has no value.
    static let definition = """
        SELECT name, version, updated_at, value FROM definition WHERE deployment = ? AND name = ?
        """
    private static let standingDefinitions = """
        SELECT name, version, updated_at, value FROM definition WHERE deployment = ? AND value IS NOT NULL
        """
    static let definitionsFrom = "\(standingDefinitions) AND name >= ? AND name < ? ORDER BY name LIMIT ?"
    static let definitionsAfter = "\(standingDefinitions) AND name > ? AND name < ? ORDER BY name LIMIT ?"
    static let putDefinition = """
        INSERT INTO definition (deployment, name, version, updated_at, value) VALUES (?, ?, 1, ?, ?)
        ON CONFLICT (deployment, name) DO UPDATE SET
            version = definition.version + 1, updated_at = excluded.updated_at, value = excluded.value
        RETURNING version
        """
}
