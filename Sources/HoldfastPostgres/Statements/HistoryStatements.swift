// The kept versions of records; what keeps them in a commit is with the commits.

extension SQL {
    /// Newest first.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 the version that the page precedes (null = none), 5 limit.
    static let history = """
        SELECT h.version, h.schema, h.updated_at, h.replaced_at, h.reason, octet_length(h.payload)::bigint,
          h.document_bytes, h.deletion
        FROM holdfast.history h
        WHERE h.deployment = $1::bigint AND h.collection = $2::text AND h.key = $3::bytea
          AND ($4::bigint IS NULL OR h.version < $4::bigint)
        ORDER BY h.version DESC LIMIT $5::bigint
        """

    /// The content of a version, kept or as it stands.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 version.
    static let historyContent = """
        SELECT h.schema, h.payload, h.checksum, h.document_bytes, h.user_ids, h.metadata FROM holdfast.history h
        WHERE h.deployment = $1::bigint AND h.collection = $2::text AND h.key = $3::bytea AND h.version = $4::bigint
        UNION ALL
        SELECT r.schema, r.payload, r.checksum, r.document_bytes, r.user_ids, r.metadata FROM holdfast.record r
        WHERE r.deployment = $1::bigint AND r.collection = $2::text AND r.key = $3::bytea AND r.version = $4::bigint
          AND r.payload IS NOT NULL
        LIMIT 1
        """

    /// Keeps what a row holds, under its lock: an erasure goes before it or after it.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 reason. Returns the version.
    static let keepCurrent = """
        WITH r AS MATERIALIZED (
          SELECT * FROM holdfast.record r
          WHERE r.deployment = $1::bigint AND r.collection = $2::text AND r.key = $3::bytea AND r.payload IS NOT NULL
          FOR UPDATE
        ), kept AS (
          INSERT INTO holdfast.history (\(historyColumns))
          SELECT \(replacedColumns), $4::text, 0 FROM r
          \(keptOnce)
        )
        SELECT r.version FROM r
        """

    /// Removes the oldest versions; steps aside for others.
    ///
    /// A row that is locked stays where it is, so that its place names it. 1 deployment, 2 the time that they were
    /// replaced before, 3 limit. Returns how many there were.
    static let pruneHistory = """
        WITH gone AS (
          DELETE FROM holdfast.history h
          WHERE h.ctid = ANY (ARRAY(
            SELECT v.ctid FROM holdfast.history v
            WHERE v.deployment = $1::bigint AND v.replaced_at < $2::bigint
            ORDER BY v.replaced_at LIMIT $3::bigint FOR UPDATE SKIP LOCKED
          ))
          RETURNING h.version
        )
        SELECT count(*) FROM gone
        """
}
