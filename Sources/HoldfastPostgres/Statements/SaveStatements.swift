// The locks that every group takes first, and plain saves.

extension SQL {
    /// Takes the rows of the group one by one, in the order of the keys, which every group keeps.
    ///
    /// At READ COMMITTED a row that had to be waited for comes back as it is now, not as it was when the statement
    /// began. LATERAL keeps PostgreSQL from scanning a whole deployment for the sake of a few rows, which it likes to
    /// do before it has statistics.
    ///
    /// 1 deployment, 2 collections, 3 keys, sorted.
    static let locked = """
        locked AS MATERIALIZED (
          SELECT r.*
          FROM (SELECT unnest($2::text[]) AS collection, unnest($3::bytea[]) AS key) AS k
          CROSS JOIN LATERAL (
            SELECT collection, key, version, fence, owner_nonce, owner_server, owner_boot, save_id,
              updated_at
            FROM holdfast.record WHERE deployment = $1::bigint AND collection = k.collection AND key = k.key
            FOR UPDATE
          ) AS r
        )
        """

    /// For a group without commits.
    ///
    /// Parameters of `locked`.
    static let lock = "WITH \(locked) SELECT count(*) FROM locked"

    /// When this hour began, UTC, in milliseconds since 1970.
    static let hour = "(\(now) / 3600000 * 3600000)"

    /// The generation of the deployment; nothing but it is read of a layout that has one.
    static let standing = """
        standing AS MATERIALIZED (
          SELECT d.generation FROM holdfast.deployment d WHERE d.number = $1::bigint
        )
        """

    static let historyColumns = """
        deployment, collection, key, version, schema, payload, checksum, document_bytes, user_ids, metadata, updated_at,
        replaced_at, reason, deletion
        """
    static let replacedColumns = """
        r.deployment, r.collection, r.key, r.version, r.schema, r.payload, r.checksum, r.document_bytes, r.user_ids,
        r.metadata, r.updated_at, \(now)
        """
    /// The content that a write `w` replaces, as the statement found it: nobody wrote since, since the version matches.
    static let replaced = """
        CROSS JOIN LATERAL (
          SELECT * FROM holdfast.record r
          WHERE r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key AND r.version = w.version
            AND r.payload IS NOT NULL
          LIMIT 1
        ) AS r
        """
    /// A version is kept once.
    static let keptOnce = "ON CONFLICT (deployment, collection, key, version) DO NOTHING"

    /// Commits of one content each and nothing else.
    ///
    /// Locking is part of the statement, not one before it: a server begins it when all parameters have arrived, so a
    /// process frozen while it sends holds no lock. A row that an earlier hour wrote is left as it is, since history is
    /// to have it first: ``commits`` does that, and planning it for every group would cost more than these rare rows.
    ///
    /// Parameters of `locked`; then per write 4 position, 5 collection, 6 key, 7 fence, 8 nonce, 9 version, 10 save
    /// id, 11 releases (0, 1), 12 payload, 13 checksum, 14 schema, 15 document bytes, 16 user ids, 17 metadata,
    /// 18 generation or null.
    ///
    /// Returns a row for each write that was not made: position, then the row as it stands, then whether the
    /// deployment's generation is another one, and whether it was left to ``commits``.
    static let saves = saves(keeping: true)
    /// The same without history and generation, which a layout before 3 does not have; parameters up to 17.
    static let savesOfLayout1 = saves(keeping: false)

    private static func saves(keeping: Bool) -> String {
        let generation = keeping ? ", unnest($18::bigint[]) AS generation" : ""
        let isCurrent = keeping ? "AND (w.generation = (SELECT generation FROM standing)) IS NOT FALSE" : ""
        let isOutdated = keeping ? "(w.generation <> (SELECT generation FROM standing)) IS TRUE" : "false"
        let isKept = keeping ? "l.version > 0 AND l.updated_at < \(hour)" : "false"
        return """
            WITH \(locked), \(keeping ? standing + "," : "") matching AS MATERIALIZED (
              SELECT w.*, \(isKept) AS is_kept
              FROM (
                SELECT unnest($4::bigint[]) AS n, unnest($5::text[]) AS collection, unnest($6::bytea[]) AS key,
                  unnest($7::bigint[]) AS fence, unnest($8::bytea[]) AS nonce, unnest($9::bigint[]) AS version,
                  unnest($10::bytea[]) AS save_id, unnest($11::bigint[]) AS releases, unnest($12::bytea[]) AS payload,
                  unnest($13::bigint[]) AS checksum, unnest($14::bigint[]) AS schema,
                  unnest($15::bigint[]) AS document_bytes, unnest($16::text[]) AS user_ids,
                  unnest($17::bytea[]) AS metadata \(generation)
              ) AS w
              JOIN locked l ON l.collection = w.collection AND l.key = w.key
              WHERE l.fence = w.fence AND l.owner_nonce = w.nonce AND l.version = w.version \(isCurrent)
            ), written AS (
              UPDATE holdfast.record r
              SET version = w.version + 1, save_id = w.save_id, payload = w.payload, checksum = w.checksum,
                schema = w.schema, document_bytes = w.document_bytes, user_ids = w.user_ids, metadata = w.metadata,
                owner_nonce = CASE w.releases WHEN 1 THEN NULL ELSE r.owner_nonce END,
                owner_server = CASE w.releases WHEN 1 THEN NULL ELSE r.owner_server END,
                owner_boot = CASE w.releases WHEN 1 THEN NULL ELSE r.owner_boot END,
                created_at = CASE r.version WHEN 0 THEN \(now) ELSE r.created_at END, updated_at = \(now)
              FROM matching w
              WHERE NOT w.is_kept AND r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key
                AND r.fence = w.fence AND r.owner_nonce = w.nonce AND r.version = w.version
              RETURNING w.n
            )
            SELECT w.n, l.version, l.fence, l.owner_nonce, l.owner_server, l.owner_boot, l.save_id, \(isOutdated),
              w.n IN (SELECT n FROM matching WHERE is_kept)
            FROM (
              SELECT unnest($4::bigint[]) AS n, unnest($5::text[]) AS collection, unnest($6::bytea[]) AS key
                \(generation)
            ) AS w
            LEFT JOIN locked l ON l.collection = w.collection AND l.key = w.key
            WHERE w.n NOT IN (SELECT n FROM written)
            """
    }
}
