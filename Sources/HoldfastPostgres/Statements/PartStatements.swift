// The parts of records.
//
// They follow their record: whoever writes them holds its row's lock, and works only on parts of rows that this
// transaction itself has written, which is read off a row's `xmin`. A row that loses its content loses them by a
// trigger.

extension SQL {
    /// 1 deployment; per record 2 place, 3 collection, 4 key.
    private static let writtenRecords = """
        written AS MATERIALIZED (
          SELECT w.n, v.collection, v.key, v.version
          FROM (
            SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS collection, unnest($4::bytea[]) AS key
          ) AS w
          CROSS JOIN LATERAL (
            SELECT r.collection, r.key, r.version FROM holdfast.record r
            WHERE r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key AND r.xmin = \(mine)
            LIMIT 1
          ) AS v
        )
        """

    /// Writes parts under their record's new version.
    ///
    /// Parameters of `writtenRecords`; then per part 5 its record's place, 6 name, 7 payload, 8 checksum.
    static let putParts = """
        WITH \(writtenRecords)
        INSERT INTO holdfast.part (deployment, collection, key, name, version, payload, checksum)
        SELECT $1::bigint, w.collection, w.key, p.name, w.version, p.payload, p.checksum
        FROM (
          SELECT unnest($5::bigint[]) AS n, unnest($6::bytea[]) AS name, unnest($7::bytea[]) AS payload,
            unnest($8::bigint[]) AS checksum
        ) AS p
        JOIN written w ON w.n = p.n
        ON CONFLICT (deployment, collection, key, name) DO UPDATE
        SET version = excluded.version, payload = excluded.payload, checksum = excluded.checksum
        """

    /// By their places, since a join that takes the table for nearly empty would look all names up for each of its rows.
    ///
    /// Parameters of `writtenRecords`; then per part 5 its record's place, 6 name.
    static let removeParts = """
        WITH \(writtenRecords)
        DELETE FROM holdfast.part p
        WHERE p.ctid = ANY (ARRAY(
          SELECT v.ctid
          FROM (SELECT unnest($5::bigint[]) AS n, unnest($6::bytea[]) AS name) AS g
          JOIN written w ON w.n = g.n
          CROSS JOIN LATERAL (
            SELECT v.ctid FROM holdfast.part v
            WHERE v.deployment = $1::bigint AND v.collection = w.collection AND v.key = w.key AND v.name = g.name
            LIMIT 1
          ) AS v
        ))
        """

    private static let partColumns = "p.name, p.version, p.payload, p.checksum"

    /// A page of parts in order of name.
    ///
    /// 1 deployment, 2 collection, 3 key, 4 first name, 5 the name after the last (null = no end), 6 the name that the
    /// page follows (empty = none), 7 limit.
    static let parts = """
        SELECT \(partColumns) FROM holdfast.part p
        WHERE p.deployment = $1::bigint AND p.collection = $2::text AND p.key = $3::bytea AND p.name >= $4::bytea
          AND ($5::bytea IS NULL OR p.name < $5::bytea) AND p.name > $6::bytea
        ORDER BY p.name LIMIT $7::bigint
        """

    /// 1 deployment, 2 collection, 3 key; per part 4 position, 5 name.
    ///
    /// Returns position, then the part of one that is there.
    static let partsByName = """
        SELECT w.n, \(partColumns)
        FROM (SELECT unnest($4::bigint[]) AS n, unnest($5::bytea[]) AS name) AS w
        CROSS JOIN LATERAL (
          SELECT * FROM holdfast.part p
          WHERE p.deployment = $1::bigint AND p.collection = $2::text AND p.key = $3::bytea AND p.name = w.name
          LIMIT 1
        ) AS p
        """

    /// 1 deployment, 2 collection, 3 key.
    ///
    /// Returns how many parts there are, and the bytes of their payloads, which are not read for it.
    static let partSummary = """
        SELECT count(*), coalesce(sum(octet_length(p.payload)), 0)::bigint FROM holdfast.part p
        WHERE p.deployment = $1::bigint AND p.collection = $2::text AND p.key = $3::bytea
        """
}
