// People: what names them, and what is left when they are erased.

extension SQL {
    /// Records that name a person; found by their index alone, lest a whole deployment be looked through in key order.
    ///
    /// 1 deployment, 2 user id as canonical JSON, 3 collection and 4 key that the page follows (empty = none), 5 limit.
    static let recordsOfUser = """
        WITH found AS MATERIALIZED (
          SELECT r.deployment, r.collection, r.key FROM holdfast.record r
          WHERE r.user_ids <> '[]' AND holdfast.user_ids(r.user_ids) @> ARRAY[left($2::text, \(userIDLetters))]
            AND EXISTS (SELECT FROM \(userIDs("r.user_ids")) WHERE u.id = $2::text)
        )
        SELECT f.collection, f.key FROM found f
        WHERE f.deployment = $1::bigint AND (f.collection, f.key) > ($3::text, $4::bytea)
        ORDER BY f.collection, f.key LIMIT $5::bigint
        """

    /// Empties a record that ``lock`` has taken; ids, types and states of its operations stay.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 save id. Returns whether there was anything.
    static let erase = """
        WITH emptied AS (
          UPDATE holdfast.record r
          SET version = r.version + CASE WHEN r.payload IS NULL THEN 0 ELSE 1 END, fence = r.fence + 1,
            owner_nonce = NULL, owner_server = NULL, owner_boot = NULL,
            save_id = CASE WHEN r.payload IS NULL THEN r.save_id ELSE $4::bytea END,
            updated_at = CASE WHEN r.payload IS NULL THEN r.updated_at ELSE \(now) END,
            schema = NULL, payload = NULL, checksum = NULL, document_bytes = NULL, user_ids = NULL, metadata = NULL
          WHERE r.deployment = $1::bigint AND r.collection = $2::text AND r.key = $3::bytea
            AND (r.payload IS NOT NULL OR r.owner_nonce IS NOT NULL)
          RETURNING r.fence
        ), forgotten AS (
          DELETE FROM holdfast.history h
          WHERE h.deployment = $1::bigint AND h.collection = $2::text AND h.key = $3::bytea RETURNING h.version
        ), removed AS (
          DELETE FROM holdfast.part p
          WHERE p.deployment = $1::bigint AND p.collection = $2::text AND p.key = $3::bytea RETURNING p.version
        ), ended AS (
          UPDATE holdfast.operation o
          SET payload = ''::bytea, last_error = NULL, progress = NULL, due_at = NULL,
            state = CASE o.state WHEN 'pending' THEN 'cancelled' ELSE o.state END,
            finished_at = coalesce(o.finished_at, \(now))
          WHERE o.deployment = $1::bigint AND o.collection = $2::text AND o.key = $3::bytea
            AND (o.state = 'pending' OR o.payload <> ''::bytea OR o.last_error IS NOT NULL OR o.progress IS NOT NULL)
          RETURNING o.sequence
        )
        SELECT EXISTS (SELECT FROM emptied) OR EXISTS (SELECT FROM forgotten) OR EXISTS (SELECT FROM removed)
          OR EXISTS (SELECT FROM ended)
        """

    /// 1 deployment, 2 user id as canonical JSON, 3 limit.
    static let eraseHistory = """
        WITH gone AS (
          DELETE FROM holdfast.history h
          WHERE h.ctid = ANY (ARRAY(
            SELECT v.ctid FROM holdfast.history v
            WHERE v.deployment = $1::bigint AND v.user_ids <> '[]'
              AND EXISTS (SELECT FROM \(userIDs("v.user_ids")) WHERE u.id = $2::text)
            LIMIT $3::bigint FOR UPDATE
          ))
          RETURNING h.version
        )
        SELECT count(*) FROM gone
        """

    /// 1 deployment, 2 user id.
    static let rememberErasure = """
        INSERT INTO holdfast.erasure AS e (deployment, user_id, remembered_at) VALUES ($1::bigint, $2::bytea, \(now))
        ON CONFLICT (deployment, user_id)
        DO UPDATE SET remembered_at = greatest(e.remembered_at, excluded.remembered_at)
        """

    /// 1 deployment, 2 the user id that the page follows (empty = none), 3 limit.
    static let erasures = """
        SELECT e.user_id, e.remembered_at FROM holdfast.erasure e
        WHERE e.deployment = $1::bigint AND e.user_id > $2::bytea ORDER BY e.user_id LIMIT $3::bigint
        """
}
