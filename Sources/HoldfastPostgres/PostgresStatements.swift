/// Every statement of this module.
///
/// Nothing else is ever sent to a server.
///
/// Rules: unnamed statements, parameters only, all names with their schema, so that no state of a session matters
/// behind a PgBouncer in transaction mode. Lists come as arrays, one element a row; `SELECT unnest(a), unnest(b)`
/// walks them side by side.
enum SQL {
    static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    static let commit = "COMMIT"
    static let rollback = "ROLLBACK"

    /// `SET LOCAL` of several settings at once.
    ///
    /// Timeouts, and what keeps the planner steady: compiling a statement costs more than any of ours takes, a merge
    /// join sorts again for each link of a chain, and a hash that does not fit is built again for each.
    ///
    /// 1 lock, 2 statement, 3 idle-in-transaction timeout, `5000ms`.
    static let settings = """
        SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', $1::text, true),
          set_config('statement_timeout', $2::text, true),
          set_config('idle_in_transaction_session_timeout', $3::text, true),
          set_config('client_min_messages', 'warning', true), set_config('jit', 'off', true),
          set_config('enable_mergejoin', 'off', true), set_config('work_mem', '32MB', true)
        """

    /// Milliseconds since 1970 by the server's clock, which all processes share.
    private static let now = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"

    // MARK: - Groups

    /// Takes the rows of the group one by one, in the order of the keys, which every group keeps.
    ///
    /// At READ COMMITTED a row that had to be waited for comes back as it is now, not as it was when the statement
    /// began. LATERAL keeps PostgreSQL from scanning a whole deployment for the sake of a few rows, which it likes to
    /// do before it has statistics.
    ///
    /// 1 deployment, 2 collections, 3 keys, sorted.
    private static let locked = """
        locked AS MATERIALIZED (
          SELECT r.*
          FROM (SELECT unnest($2::text[]) AS collection, unnest($3::bytea[]) AS key) AS k
          CROSS JOIN LATERAL (
            SELECT collection, key, version, fence, owner_nonce, owner_server, owner_boot, save_id
            FROM holdfast.record WHERE deployment = $1::bigint AND collection = k.collection AND key = k.key
            FOR UPDATE
          ) AS r
        )
        """

    /// For a group without commits.
    ///
    /// Parameters of `locked`.
    static let lock = "WITH \(locked) SELECT count(*) FROM locked"

    /// Commits of one content each and nothing else.
    ///
    /// Locking is part of the statement, not one before it: a server begins it when all parameters have arrived, so a
    /// process frozen while it sends holds no lock.
    ///
    /// Parameters of `locked`; then per write 4 position, 5 collection, 6 key, 7 fence, 8 nonce, 9 version, 10 save
    /// id, 11 releases (0, 1), 12 payload, 13 checksum, 14 schema, 15 document bytes, 16 user ids, 17 metadata.
    ///
    /// Returns a row for each write that was refused: position, then the row as it stands.
    static let saves = """
        WITH \(locked), matching AS MATERIALIZED (
          SELECT w.*
          FROM (
            SELECT unnest($4::bigint[]) AS n, unnest($5::text[]) AS collection, unnest($6::bytea[]) AS key,
              unnest($7::bigint[]) AS fence, unnest($8::bytea[]) AS nonce, unnest($9::bigint[]) AS version,
              unnest($10::bytea[]) AS save_id, unnest($11::bigint[]) AS releases, unnest($12::bytea[]) AS payload,
              unnest($13::bigint[]) AS checksum, unnest($14::bigint[]) AS schema,
              unnest($15::bigint[]) AS document_bytes, unnest($16::text[]) AS user_ids,
              unnest($17::bytea[]) AS metadata
          ) AS w
          JOIN locked l ON l.collection = w.collection AND l.key = w.key
          WHERE l.fence = w.fence AND l.owner_nonce = w.nonce AND l.version = w.version
        ), written AS (
          UPDATE holdfast.record r
          SET version = w.version + 1, save_id = w.save_id, payload = w.payload, checksum = w.checksum,
            schema = w.schema, document_bytes = w.document_bytes, user_ids = w.user_ids, metadata = w.metadata,
            owner_nonce = CASE w.releases WHEN 1 THEN NULL ELSE r.owner_nonce END,
            owner_server = CASE w.releases WHEN 1 THEN NULL ELSE r.owner_server END,
            owner_boot = CASE w.releases WHEN 1 THEN NULL ELSE r.owner_boot END,
            created_at = CASE r.version WHEN 0 THEN \(now) ELSE r.created_at END, updated_at = \(now)
          FROM matching w
          WHERE r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key
            AND r.fence = w.fence AND r.owner_nonce = w.nonce AND r.version = w.version
          RETURNING w.n
        )
        SELECT w.n, l.version, l.fence, l.owner_nonce, l.owner_server, l.owner_boot, l.save_id
        FROM (
          SELECT unnest($4::bigint[]) AS n, unnest($5::text[]) AS collection, unnest($6::bytea[]) AS key
        ) AS w
        LEFT JOIN locked l ON l.collection = w.collection AND l.key = w.key
        WHERE w.n NOT IN (SELECT n FROM written)
        """

    /// Commits of any shape: a member is carried out only if every row matches and every operation that it settles is
    /// still pending.
    ///
    /// Parameters of `locked`; then per write 4 position, 5 member, 6 collection, 7 key, 8 fence, 9 nonce, 10 version,
    /// 11 save id, 12 change (0 none, 1 content, 2 tombstone), 13 releases (0, 1), 14 payload, 15 checksum, 16 schema,
    /// 17 document bytes, 18 user ids, 19 metadata; per settlement 20 position, 21 member, 22 collection, 23 key,
    /// 24 operation id, 25 state, 26 attempts, 27 last error; per delivery 28 position, 29 member, 30 collection,
    /// 31 key, 32 operation id, 33 type, 34 payload.
    ///
    /// Returns rows of three kinds: 0 = a write of a refused member: position, then its row as it stands;
    /// 1 = a settlement that is no longer pending: position; 2 = how many rows were written, how many settled.
    static let commits = """
        WITH \(locked), wanted AS MATERIALIZED (
          SELECT w.n, w.member, l.version, l.fence, l.owner_nonce, l.owner_server, l.owner_boot, l.save_id,
            (l.fence = w.fence AND l.owner_nonce = w.nonce AND l.version = w.version) IS TRUE AS matches
          FROM (
            SELECT unnest($4::bigint[]) AS n, unnest($5::bigint[]) AS member, unnest($6::text[]) AS collection,
              unnest($7::bytea[]) AS key, unnest($8::bigint[]) AS fence, unnest($9::bytea[]) AS nonce,
              unnest($10::bigint[]) AS version
          ) AS w
          LEFT JOIN locked l ON l.collection = w.collection AND l.key = w.key
        ), settling AS MATERIALIZED (
          SELECT unnest($20::bigint[]) AS n, unnest($21::bigint[]) AS member, unnest($22::text[]) AS collection,
            unnest($23::bytea[]) AS key, unnest($24::bytea[]) AS id, unnest($25::text[]) AS state,
            unnest($26::bigint[]) AS attempts, unnest($27::text[]) AS last_error
        ), due AS MATERIALIZED (
          SELECT s.n, s.member, s.state, s.attempts, s.last_error, o.sequence
          FROM settling s
          JOIN holdfast.operation o
            ON o.deployment = $1::bigint AND o.collection = s.collection AND o.key = s.key AND o.id = s.id
          WHERE (SELECT count(*) FROM locked) >= 0 -- operations follow their records
            AND o.state = 'pending'
          FOR UPDATE OF o
        ), accepted AS MATERIALIZED (
          SELECT member FROM wanted GROUP BY member HAVING bool_and(matches)
          EXCEPT
          SELECT member FROM settling WHERE n NOT IN (SELECT n FROM due)
        ), written AS (
          UPDATE holdfast.record r
          SET version = r.version + CASE w.change WHEN 0 THEN 0 ELSE 1 END,
            fence = r.fence + CASE w.change WHEN 2 THEN 1 ELSE 0 END,
            owner_nonce = CASE WHEN w.change = 2 OR w.releases = 1 THEN NULL ELSE r.owner_nonce END,
            owner_server = CASE WHEN w.change = 2 OR w.releases = 1 THEN NULL ELSE r.owner_server END,
            owner_boot = CASE WHEN w.change = 2 OR w.releases = 1 THEN NULL ELSE r.owner_boot END,
            save_id = CASE w.change WHEN 0 THEN r.save_id ELSE w.save_id END,
            payload = CASE w.change WHEN 0 THEN r.payload ELSE w.payload END,
            checksum = CASE w.change WHEN 0 THEN r.checksum ELSE w.checksum END,
            schema = CASE w.change WHEN 0 THEN r.schema ELSE w.schema END,
            document_bytes = CASE w.change WHEN 0 THEN r.document_bytes ELSE w.document_bytes END,
            user_ids = CASE w.change WHEN 0 THEN r.user_ids ELSE w.user_ids END,
            metadata = CASE w.change WHEN 0 THEN r.metadata ELSE w.metadata END,
            created_at = CASE WHEN r.version = 0 AND w.change = 1 THEN \(now) ELSE r.created_at END,
            updated_at = CASE w.change WHEN 0 THEN r.updated_at ELSE \(now) END
          FROM (
            SELECT unnest($5::bigint[]) AS member, unnest($6::text[]) AS collection, unnest($7::bytea[]) AS key,
              unnest($8::bigint[]) AS fence, unnest($9::bytea[]) AS nonce, unnest($10::bigint[]) AS version,
              unnest($11::bytea[]) AS save_id, unnest($12::bigint[]) AS change, unnest($13::bigint[]) AS releases,
              unnest($14::bytea[]) AS payload, unnest($15::bigint[]) AS checksum, unnest($16::bigint[]) AS schema,
              unnest($17::bigint[]) AS document_bytes, unnest($18::text[]) AS user_ids,
              unnest($19::bytea[]) AS metadata
          ) AS w
          WHERE w.member IN (SELECT member FROM accepted)
            AND r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key
            AND r.fence = w.fence AND r.owner_nonce = w.nonce AND r.version = w.version
          RETURNING r.version
        ), settled AS (
          UPDATE holdfast.operation o
          SET state = d.state, attempts = d.attempts, last_error = d.last_error,
            finished_at = CASE d.state WHEN 'pending' THEN NULL ELSE \(now) END
          FROM due d
          WHERE d.member IN (SELECT member FROM accepted) AND o.sequence = d.sequence AND o.state = 'pending'
          RETURNING o.sequence
        ), delivered AS (
          INSERT INTO holdfast.operation
            (deployment, collection, key, id, type, payload, state, attempts, delivered_at)
          SELECT $1::bigint, d.collection, d.key, d.id, d.type, d.payload, 'pending', 0, \(now)
          FROM (
            SELECT unnest($28::bigint[]) AS n, unnest($29::bigint[]) AS member, unnest($30::text[]) AS collection,
              unnest($31::bytea[]) AS key, unnest($32::bytea[]) AS id, unnest($33::text[]) AS type,
              unnest($34::bytea[]) AS payload
          ) AS d
          WHERE d.member IN (SELECT member FROM accepted)
          ORDER BY d.collection COLLATE "C", d.key, d.n
          ON CONFLICT (deployment, collection, key, id) DO NOTHING
        )
        SELECT 0::bigint AS kind, w.n, w.version, w.fence, w.owner_nonce, w.owner_server, w.owner_boot, w.save_id
        FROM wanted w WHERE w.member NOT IN (SELECT member FROM accepted)
        UNION ALL
        SELECT 1, s.n, NULL, NULL, NULL, NULL, NULL, NULL FROM settling s WHERE s.n NOT IN (SELECT n FROM due)
        UNION ALL
        SELECT 2, (SELECT count(*) FROM written), (SELECT count(*) FROM settled), NULL, NULL, NULL, NULL, NULL
        """

    /// Creates missing rows at version 0, with a fence that every token exceeds.
    ///
    /// 1 deployment, 2 collections, 3 keys.
    static let insertMissing = """
        INSERT INTO holdfast.record (deployment, collection, key, version, fence, created_at, updated_at)
        SELECT $1::bigint, k.collection, k.key, 0, 0, \(now), \(now)
        FROM (SELECT unnest($2::text[]) AS collection, unnest($3::bytea[]) AS key) AS k
        ORDER BY k.collection COLLATE "C", k.key
        ON CONFLICT (deployment, collection, key) DO NOTHING
        """

    /// Sets fence and owner where the seal's condition holds; whether it did is read off the row afterwards.
    ///
    /// 1 deployment; per seal 2 collection, 3 key, 4 token, 5 nonce, 6 server, 7 boot, 8 fence and 9 version that must
    /// still stand (both null = supersede).
    static let seal = """
        UPDATE holdfast.record r
        SET fence = s.token, owner_nonce = s.nonce, owner_server = s.server, owner_boot = s.boot
        FROM (
          SELECT unnest($2::text[]) AS collection, unnest($3::bytea[]) AS key, unnest($4::bigint[]) AS token,
            unnest($5::bytea[]) AS nonce, unnest($6::text[]) AS server, unnest($7::bytea[]) AS boot,
            unnest($8::bigint[]) AS fence, unnest($9::bigint[]) AS version
        ) AS s
        WHERE r.deployment = $1::bigint AND r.collection = s.collection AND r.key = s.key
          AND ((r.fence = s.token AND r.owner_nonce = s.nonce)
            OR (s.fence IS NULL AND r.fence < s.token)
            OR (r.fence = s.fence AND r.version = s.version AND r.owner_nonce = s.nonce AND s.token > r.fence))
        """

    /// Reads the rows after ``seal``; a statement of its own, so that it sees what was committed before the locks.
    ///
    /// 1 deployment; per seal 2 position, 3 collection, 4 key, 5 token, 6 nonce, 7 hot version, 8 hot save id,
    /// 9 hot checksum. Returns position, sealed, hot, then the columns of ``read``; the payload is null when the row is
    /// not sealed or the hot copy matches.
    static let sealed = """
        SELECT s.n, s.sealed, s.hot, s.version, s.fence, s.owner_nonce, s.owner_server, s.owner_boot, s.save_id,
          s.schema, CASE WHEN s.sealed AND NOT s.hot THEN s.payload END, s.checksum, s.document_bytes, s.user_ids,
          s.metadata, s.created_at, s.updated_at
        FROM (
          SELECT w.n, r.*, (r.fence = w.token AND r.owner_nonce = w.nonce) IS TRUE AS sealed,
            (r.payload IS NOT NULL AND r.version = w.hot_version AND r.save_id = w.hot_save_id
              AND r.checksum = w.hot_checksum) IS TRUE AS hot
          FROM (
            SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key,
              unnest($5::bigint[]) AS token, unnest($6::bytea[]) AS nonce, unnest($7::bigint[]) AS hot_version,
              unnest($8::bytea[]) AS hot_save_id, unnest($9::bigint[]) AS hot_checksum
          ) AS w
          JOIN holdfast.record r ON r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key
        ) AS s
        """

    private static let operationColumns =
        "o.collection, o.key, o.id, o.type, o.payload, o.state, o.attempts, o.last_error, o.sequence, "
        + "o.delivered_at, o.finished_at"

    /// The pending operations of many records.
    ///
    /// 1 deployment; per record 2 position, 3 collection, 4 key; 5 the most of one record. Returns position, then the
    /// columns of ``operation``.
    static let pendingOperations = """
        SELECT w.n, \(operationColumns)
        FROM (
          SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key
        ) AS w
        CROSS JOIN LATERAL (
          SELECT * FROM holdfast.operation p
          WHERE p.deployment = $1::bigint AND p.collection = w.collection AND p.key = w.key AND p.state = 'pending'
          ORDER BY p.sequence LIMIT $5::bigint
        ) AS o
        ORDER BY w.n, o.sequence
        """

    /// Puts operations on their records' lists, except where the id is taken or the list is full.
    ///
    /// 1 deployment; per delivery 2 position, 3 collection, 4 key, 5 id, 6 type, 7 payload; 8 the most pending
    /// operations. Returns collection, key and id of those inserted.
    static let deliver = """
        INSERT INTO holdfast.operation (deployment, collection, key, id, type, payload, state, attempts, delivered_at)
        SELECT $1::bigint, d.collection, d.key, d.id, d.type, d.payload, 'pending', 0, \(now)
        FROM (
          SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key,
            unnest($5::bytea[]) AS id, unnest($6::text[]) AS type, unnest($7::bytea[]) AS payload
        ) AS d
        WHERE (
          SELECT count(*) FROM (
            SELECT FROM holdfast.operation p
            WHERE p.deployment = $1::bigint AND p.collection = d.collection AND p.key = d.key AND p.state = 'pending'
            LIMIT $8::bigint
          ) AS pending
        ) < $8::bigint
        ORDER BY d.collection COLLATE "C", d.key, d.n
        ON CONFLICT (deployment, collection, key, id) DO NOTHING
        RETURNING collection, key, id
        """

    /// What is there under the ids of ``deliver``: a statement of its own, so that it sees what that one waited for.
    ///
    /// 1 deployment; per delivery 2 position, 3 collection, 4 key, 5 id, 6 type, 7 payload. Returns position, state,
    /// and whether it is the same operation; a receipt that was shortened is known by its type.
    static let delivered = """
        SELECT d.n, o.state, (o.type = d.type AND o.payload IN (d.payload, ''::bytea)) AS same
        FROM (
          SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key,
            unnest($5::bytea[]) AS id, unnest($6::text[]) AS type, unnest($7::bytea[]) AS payload
        ) AS d
        JOIN holdfast.operation o
          ON o.deployment = $1::bigint AND o.collection = d.collection AND o.key = d.key AND o.id = d.id
        """

    /// 1 deployment, 2 collection, 3 key.
    ///
    /// Returns the new fence.
    static let raiseFence = """
        UPDATE holdfast.record r
        SET fence = coalesce($4::bigint, r.fence) + 1, owner_nonce = NULL, owner_server = NULL, owner_boot = NULL
        WHERE r.deployment = $1::bigint AND r.collection = $2::text AND r.key = $3::bytea
          AND r.fence <= coalesce($4::bigint, r.fence)
        RETURNING r.fence
        """

    /// Raises the fences of a page of records in their order.
    ///
    /// 1 deployment, 2 collection and 3 key that the page follows (empty = none), 4 limit. Returns how many there were
    /// and the last one.
    static let raiseFences = """
        WITH page AS MATERIALIZED (
          SELECT r.collection, r.key FROM holdfast.record r
          WHERE r.deployment = $1::bigint AND (r.collection, r.key) > ($2::text, $3::bytea)
          ORDER BY r.collection, r.key LIMIT $4::bigint FOR UPDATE OF r
        ), raised AS (
          UPDATE holdfast.record r
          SET fence = r.fence + 1, owner_nonce = NULL, owner_server = NULL, owner_boot = NULL
          FROM page p WHERE r.deployment = $1::bigint AND r.collection = p.collection AND r.key = p.key
          RETURNING r.key
        )
        SELECT (SELECT count(*) FROM raised), p.collection, p.key FROM page p
        ORDER BY p.collection DESC, p.key DESC LIMIT 1
        """

    // MARK: - Reads

    /// 1 deployment, 2 collection, 3 key.
    static let read = """
        SELECT r.version, r.fence, r.owner_nonce, r.owner_server, r.owner_boot, r.save_id, r.schema, r.payload,
          r.checksum, r.document_bytes, r.user_ids, r.metadata, r.created_at, r.updated_at
        FROM holdfast.record r
        WHERE r.deployment = $1::bigint AND r.collection = $2::text AND r.key = $3::bytea
        """

    /// A page of saved records in key order.
    ///
    /// 1 deployment, 2 collection, 3 first key, 4 the key after the last (null = no end), 5 the key that the page
    /// follows (empty = none), 6 limit.
    static let list = """
        SELECT r.key, r.version, r.schema, octet_length(r.payload)::bigint, r.document_bytes, r.updated_at
        FROM holdfast.record r
        WHERE r.deployment = $1::bigint AND r.collection = $2::text AND r.key >= $3::bytea
          AND ($4::bytea IS NULL OR r.key < $4::bytea) AND r.key > $5::bytea
          AND r.version > 0 AND r.payload IS NOT NULL
        ORDER BY r.key LIMIT $6::bigint
        """

    /// 1 deployment.
    static let collections = """
        SELECT r.collection, count(*) FROM holdfast.record r
        WHERE r.deployment = $1::bigint AND r.version > 0 AND r.payload IS NOT NULL
        GROUP BY r.collection ORDER BY r.collection
        """

    /// 1 deployment, 2 collection, 3 key, 4 the sequence that the page follows, 5 limit.
    static let operations = """
        SELECT \(operationColumns) FROM holdfast.operation o
        WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea
          AND o.sequence > $4::bigint
        ORDER BY o.sequence LIMIT $5::bigint
        """

    /// 1 deployment, 2 collection, 3 key, 4 id.
    static let operation = """
        SELECT \(operationColumns) FROM holdfast.operation o
        WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea AND o.id = $4::bytea
        """

    // MARK: - Layout

    /// 1 the deployment's name.
    ///
    /// Returns the layout, and the deployment or nulls.
    static let deployment = """
        SELECT l.schema, l.minimum_reader, d.number, d.id, d.lease_millis, d.renew_millis, d.beat_millis
        FROM holdfast.layout l LEFT JOIN holdfast.deployment d ON d.name = $1::text
        """

    static let status = """
        SELECT current_setting('server_version'), (SELECT max(l.schema) FROM holdfast.layout l)
        """

    /// Registers a deployment or changes its timings; the id that was drawn first stays.
    ///
    /// 1 name, 2 id, 3 lease, 4 renew and 5 beat milliseconds.
    static let registerDeployment = """
        INSERT INTO holdfast.deployment AS d (name, id, lease_millis, renew_millis, beat_millis, created_at)
        VALUES ($1::text, $2::bytea, $3::bigint, $4::bigint, $5::bigint, \(now))
        ON CONFLICT (name) DO UPDATE SET lease_millis = excluded.lease_millis, renew_millis = excluded.renew_millis,
          beat_millis = excluded.beat_millis
        """

    /// One migration at a time in a database; the number spells "holdfast" and ends with the transaction.
    static let migrationLock = "SELECT pg_advisory_xact_lock(7525904389282263924)"

    /// Creates layout 1.
    ///
    /// Every statement may be repeated; run under ``migrationLock``.
    static let createLayout = [
        "CREATE SCHEMA IF NOT EXISTS holdfast",
        "CREATE TABLE IF NOT EXISTS holdfast.layout (schema bigint NOT NULL, minimum_reader bigint NOT NULL)",
        // A newer build may have migrated since this one looked.
        """
        DO $$ BEGIN
          IF EXISTS (SELECT FROM holdfast.layout l WHERE l.schema > \(PostgresStore.schema)) THEN
            RAISE EXCEPTION 'newer layout' USING ERRCODE = '\(SQLState.newerLayout)';
          END IF;
        END $$
        """,
        """
        CREATE TABLE IF NOT EXISTS holdfast.deployment (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          name text COLLATE "C" NOT NULL UNIQUE,
          id bytea NOT NULL,
          lease_millis bigint NOT NULL,
          renew_millis bigint NOT NULL,
          beat_millis bigint NOT NULL,
          created_at bigint NOT NULL
        )
        """,
        // Updates of a row find room beside it, so that they leave the index alone.
        """
        CREATE TABLE IF NOT EXISTS holdfast.record (
          deployment bigint NOT NULL,
          collection text COLLATE "C" NOT NULL,
          key bytea NOT NULL,
          version bigint NOT NULL,
          fence bigint NOT NULL,
          owner_nonce bytea,
          owner_server text COLLATE "C",
          owner_boot bytea,
          save_id bytea,
          schema bigint,
          payload bytea,
          checksum bigint,
          document_bytes bigint,
          user_ids text COLLATE "C",
          metadata bytea,
          created_at bigint NOT NULL,
          updated_at bigint NOT NULL,
          PRIMARY KEY (deployment, collection, key)
        ) WITH (fillfactor = 80)
        """,
        // Payloads are compressed already.
        "ALTER TABLE holdfast.record ALTER COLUMN payload SET STORAGE EXTERNAL",
        """
        CREATE TABLE IF NOT EXISTS holdfast.operation (
          sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          deployment bigint NOT NULL,
          collection text COLLATE "C" NOT NULL,
          key bytea NOT NULL,
          id bytea NOT NULL,
          type text COLLATE "C" NOT NULL,
          payload bytea NOT NULL,
          state text COLLATE "C" NOT NULL,
          attempts bigint NOT NULL,
          last_error text,
          delivered_at bigint NOT NULL,
          finished_at bigint,
          UNIQUE (deployment, collection, key, id)
        )
        """,
        """
        CREATE INDEX IF NOT EXISTS operation_pending ON holdfast.operation (deployment, collection, key, sequence)
        WHERE state = 'pending'
        """,
        """
        INSERT INTO holdfast.layout (schema, minimum_reader)
        SELECT 1, 1 WHERE NOT EXISTS (SELECT FROM holdfast.layout)
        """,
    ]
}
