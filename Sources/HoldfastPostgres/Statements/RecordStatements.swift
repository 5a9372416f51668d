extension SQL {
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

    /// 1 deployment, 2 collection.
    static let totals = """
        SELECT r.count, r.documents, r.stored, r.largest, p.count, p.bytes, h.count, h.bytes, o.count
        FROM
          (SELECT count(*) AS count, coalesce(sum(document_bytes), 0)::bigint AS documents,
            coalesce(sum(octet_length(payload)), 0)::bigint AS stored,
            coalesce(max(document_bytes), 0)::bigint AS largest
            FROM holdfast.record
            WHERE deployment = $1::bigint AND collection = $2::text AND version > 0 AND payload IS NOT NULL) r,
          (SELECT count(*) AS count, coalesce(sum(octet_length(payload)), 0)::bigint AS bytes
            FROM holdfast.part WHERE deployment = $1::bigint AND collection = $2::text) p,
          (SELECT count(*) AS count, coalesce(sum(octet_length(payload)), 0)::bigint AS bytes
            FROM holdfast.history WHERE deployment = $1::bigint AND collection = $2::text) h,
          (SELECT count(*) AS count FROM holdfast.operation
            WHERE deployment = $1::bigint AND collection = $2::text AND state = 'pending') o
        """

    /// 1 deployment.
    static let collections = """
        SELECT r.collection, count(*) FROM holdfast.record r
        WHERE r.deployment = $1::bigint AND r.version > 0 AND r.payload IS NOT NULL
        GROUP BY r.collection ORDER BY r.collection
        """
}
