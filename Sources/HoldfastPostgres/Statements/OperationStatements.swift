extension SQL {
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
}
