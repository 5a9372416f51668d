extension SQL {
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

    /// The deployment's generation; layouts before 3 have no such column.
    private static let generation = """
        (SELECT coalesce((to_jsonb(d) ->> 'generation')::bigint, 0)
         FROM holdfast.deployment d WHERE d.number = $1::bigint)
        """

    /// Reads the rows after ``seal``; a statement of its own, so that it sees what was committed before the locks.
    ///
    /// 1 deployment; per seal 2 position, 3 collection, 4 key, 5 token, 6 nonce, 7 hot version, 8 hot save id,
    /// 9 hot checksum. Returns position, sealed, hot, then the columns of ``read``, then the deployment's generation;
    /// the payload is null when the row is not sealed or the hot copy matches.
    static let sealed = """
        SELECT s.n, s.sealed, s.hot, s.version, s.fence, s.owner_nonce, s.owner_server, s.owner_boot, s.save_id,
          s.schema, CASE WHEN s.sealed AND NOT s.hot THEN s.payload END, s.checksum, s.document_bytes, s.user_ids,
          s.metadata, s.created_at, s.updated_at, \(generation)
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
}
