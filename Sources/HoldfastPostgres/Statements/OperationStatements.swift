extension SQL {
    private static let operationColumns = columns("o.expires_at, o.due_at, o.progress")
    /// Layouts before 3 have no times and no progress.
    private static let operationColumnsOfLayout1 = columns("NULL::bigint, NULL::bigint, NULL::bytea")

    private static func columns(_ times: String) -> String {
        """
        o.collection, o.key, o.id, o.type, o.payload, o.state, o.attempts, o.last_error, o.sequence, o.delivered_at,
          o.finished_at, \(times), \(now)
        """
    }

    /// The pending operations of many records, those that wait for their time last.
    ///
    /// 1 deployment; per record 2 position, 3 collection, 4 key; 5 the most of one record. Returns position, then the
    /// columns of ``operation``.
    static let pendingOperations = pendingOperations(operationColumns, waits: "coalesce(p.due_at > \(now), false)")
    static let pendingOperationsOfLayout1 = pendingOperations(operationColumnsOfLayout1, waits: "false")

    private static func pendingOperations(_ columns: String, waits: String) -> String {
        """
        SELECT w.n, \(columns)
        FROM (
          SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key
        ) AS w
        CROSS JOIN LATERAL (
          SELECT p.*, \(waits) AS waits FROM holdfast.operation p
          WHERE p.deployment = $1::bigint AND p.collection = w.collection AND p.key = w.key AND p.state = 'pending'
          ORDER BY waits, p.sequence LIMIT $5::bigint
        ) AS o
        ORDER BY w.n, o.waits, o.sequence
        """
    }

    /// Puts operations on their records' lists, except where the id is taken or the list is full.
    ///
    /// 1 deployment; per delivery 2 position, 3 collection, 4 key, 5 id, 6 type, 7 payload; 8 the most pending
    /// operations; per delivery 9 time to live, 10 delay. Returns collection, key and id of those inserted.
    static let deliver = deliver(
        columns: ", expires_at, due_at", values: deliveryTimes,
        times: ", unnest($9::bigint[]) AS time_to_live, unnest($10::bigint[]) AS delay")
    /// The same for layouts before 3; parameters up to 8.
    static let deliverOfLayout1 = deliver(columns: "", values: "", times: "")

    /// Expiry and due time of a delivery `d`.
    static let deliveryTimes = ", \(now) + d.time_to_live, CASE WHEN d.delay > 0 THEN \(now) + d.delay END"

    private static func deliver(columns: String, values: String, times: String) -> String {
        """
        INSERT INTO holdfast.operation
          (deployment, collection, key, id, type, payload, state, attempts, delivered_at \(columns))
        SELECT $1::bigint, d.collection, d.key, d.id, d.type, d.payload, 'pending', 0, \(now) \(values)
        FROM (
          SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key,
            unnest($5::bytea[]) AS id, unnest($6::text[]) AS type, unnest($7::bytea[]) AS payload \(times)
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
    }

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

    /// 1 deployment, 2 collection, 3 key, 4 the sequence that the page follows, 5 limit.
    static let operations = operations(operationColumns)
    static let operationsOfLayout1 = operations(operationColumnsOfLayout1)

    private static func operations(_ columns: String) -> String {
        """
        SELECT \(columns) FROM holdfast.operation o
        WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea
          AND o.sequence > $4::bigint
        ORDER BY o.sequence LIMIT $5::bigint
        """
    }

    /// 1 deployment, 2 collection, 3 key, 4 id.
    static let operation = operation(operationColumns)
    static let operationOfLayout1 = operation(operationColumnsOfLayout1)

    private static func operation(_ columns: String) -> String {
        """
        SELECT \(columns) FROM holdfast.operation o
        WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea AND o.id = $4::bytea
        """
    }

    /// What was delivered under an id, whatever the record.
    ///
    /// 1 deployment, 2 id, 3 the sequence that the page follows, 4 limit.
    static let operationsWithID = """
        SELECT \(operationColumns) FROM holdfast.operation o
        WHERE o.deployment = $1::bigint AND o.id = $2::bytea AND o.sequence > $3::bigint
        ORDER BY o.sequence LIMIT $4::bigint
        """

    /// 1 deployment, 2 collection (null = all), 3 the sequence that the page follows, 4 limit.
    static let deadOperations = """
        SELECT \(operationColumns) FROM holdfast.operation o
        WHERE o.deployment = $1::bigint AND o.state = 'dead' AND ($2::text IS NULL OR o.collection = $2::text)
          AND o.sequence > $3::bigint
        ORDER BY o.sequence LIMIT $4::bigint
        """

    /// Settles what is over; rows that another transaction is settling are left to it.
    ///
    /// 1 deployment; per record 2 collection, 3 key. Returns how many there were.
    static let expireOperations = """
        WITH over AS MATERIALIZED (
          SELECT p.sequence
          FROM (SELECT unnest($2::text[]) AS collection, unnest($3::bytea[]) AS key) AS k
          CROSS JOIN LATERAL (
            SELECT sequence FROM holdfast.operation
            WHERE deployment = $1::bigint AND collection = k.collection AND key = k.key AND state = 'pending'
              AND expires_at <= \(now) AND progress IS NULL
            FOR UPDATE SKIP LOCKED
          ) AS p
        ), expired AS (
          UPDATE holdfast.operation o SET state = 'expired', finished_at = \(now), due_at = NULL
          FROM over WHERE o.sequence = over.sequence
          RETURNING o.sequence
        )
        SELECT count(*) FROM expired
        """

    /// Cancels what is pending and has not begun; a commit that settles it either came before or waits for this.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 id. Returns the state before and after, and whether steps had begun.
    static let cancelOperation = """
        WITH found AS MATERIALIZED (
          SELECT o.sequence, o.state, o.expires_at, o.progress IS NOT NULL AS begun FROM holdfast.operation o
          WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea AND o.id = $4::bytea
          FOR UPDATE
        ), cancelled AS (
          UPDATE holdfast.operation o
          SET state = CASE WHEN f.expires_at <= \(now) THEN 'expired' ELSE 'cancelled' END, finished_at = \(now),
            due_at = NULL
          FROM found f WHERE o.sequence = f.sequence AND f.state = 'pending' AND NOT f.begun
          RETURNING o.state
        )
        SELECT f.state, (SELECT c.state FROM cancelled c), f.begun FROM found f
        """

    /// Makes what is pending a dead letter, or expires it where its time is over.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 id, 5 reason. Returns the state before and after.
    static let failOperation = """
        WITH found AS MATERIALIZED (
          SELECT o.sequence, o.state, o.expires_at <= \(now) AND o.progress IS NULL AS is_late
          FROM holdfast.operation o
          WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea AND o.id = $4::bytea
          FOR UPDATE
        ), failed AS (
          UPDATE holdfast.operation o
          SET state = CASE WHEN f.is_late THEN 'expired' ELSE 'dead' END,
            last_error = CASE WHEN f.is_late THEN o.last_error ELSE $5::text END, finished_at = \(now), due_at = NULL
          FROM found f WHERE o.sequence = f.sequence AND f.state = 'pending'
          RETURNING o.state
        )
        SELECT f.state, (SELECT d.state FROM failed d) FROM found f
        """

    /// Delivers a dead letter anew and marks it, unless the new id is taken or the list is full.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 id, 5 new id, 6 the mark, 7 the most pending operations. Returns how many
    /// were delivered.
    static let requeueOperation = """
        WITH dead AS MATERIALIZED (
          SELECT o.* FROM holdfast.operation o
          WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea AND o.id = $4::bytea
          FOR UPDATE
        ), fresh AS (
          INSERT INTO holdfast.operation
            (deployment, collection, key, id, type, payload, state, attempts, delivered_at, progress)
          SELECT d.deployment, d.collection, d.key, $5::bytea, d.type, d.payload, 'pending', 0, \(now), d.progress
          FROM dead d
          WHERE d.state = 'dead' AND d.payload <> ''::bytea AND (
            SELECT count(*) FROM (
              SELECT FROM holdfast.operation p
              WHERE p.deployment = $1::bigint AND p.collection = $2::text AND p.key = $3::bytea AND p.state = 'pending'
              LIMIT $7::bigint
            ) AS pending
          ) < $7::bigint
          ON CONFLICT (deployment, collection, key, id) DO NOTHING
          RETURNING sequence
        ), marked AS (
          UPDATE holdfast.operation o
          SET state = 'cancelled', last_error = $6::text, finished_at = \(now), due_at = NULL, progress = NULL
          FROM dead d WHERE o.sequence = d.sequence AND EXISTS (SELECT FROM fresh)
        )
        SELECT count(*) FROM fresh
        """

    /// Shortens receipts, word for word those of the index `operation_receipt`.
    ///
    /// 1 deployment, 2 the time before which they were settled, 3 limit. Returns how many there were.
    static let shortenReceipts = """
        WITH old AS MATERIALIZED (
          SELECT o.sequence FROM holdfast.operation o
          WHERE o.deployment = $1::bigint AND o.finished_at < $2::bigint
            AND o.state IN ('applied', 'cancelled', 'expired') AND o.payload <> ''::bytea
          LIMIT $3::bigint FOR UPDATE SKIP LOCKED
        ), shortened AS (
          UPDATE holdfast.operation o SET payload = ''::bytea, last_error = NULL, progress = NULL
          FROM old WHERE o.sequence = old.sequence
          RETURNING o.sequence
        )
        SELECT count(*) FROM shortened
        """
}
