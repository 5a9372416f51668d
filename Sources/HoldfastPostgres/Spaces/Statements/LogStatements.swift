extension SQL {
    /// Appends to logs, each request as a whole, in order.
    ///
    /// The requests of one log form a chain: each finds the log as the one before it leaves it.
    ///
    /// 1 deployment; per request 2 number, 3 log, 4 limit or null, 5 the number of the same log's request before or
    /// null; per entry 6 number, 7 its request's number, 8 id, 9 value, 10 priority, 11 time to live or null.
    ///
    /// Returns rows of two kinds: 0 = a request: number, whether it was refused as full, how many entries the log has
    /// then; 1 = an entry of a request that was not: number, false, sequence.
    static let append = append(carried: false)
    /// The same where some requests are entries of commits: 12 collection and 13 key of the record that the commit
    /// writes first, or nulls; without that write they append nothing.
    static let appendCarried = append(carried: true)

    private static func append(carried: Bool) -> String {
        let records = carried ? ", unnest($12::text[]) AS collection, unnest($13::bytea[]) AS key" : ""
        let applies =
            carried
            ? """
            (w.key IS NULL OR EXISTS (
              SELECT FROM holdfast.record r
              WHERE r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key AND r.xmin = \(mine)
            ))
            """ : "true"
        return """
            WITH RECURSIVE request AS MATERIALIZED (
              SELECT w.n, w.most, w.previous, s.number AS space, s.last, s.count, \(applies) AS applies
              FROM (
                SELECT unnest($2::bigint[]) AS n, unnest($3::bytea[]) AS name, unnest($4::bigint[]) AS most,
                  unnest($5::bigint[]) AS previous \(records)
              ) AS w
              JOIN holdfast.space s
                ON s.deployment = $1::bigint AND s.kind = 1 AND s.name = w.name AND s.xmin = \(mine)
            ), entry AS MATERIALIZED (
              SELECT w.n, w.request, r.space, r.last, w.id, w.value, w.priority, w.ttl, x.sequence
              FROM (
                SELECT unnest($6::bigint[]) AS n, unnest($7::bigint[]) AS request, unnest($8::bytea[]) AS id,
                  unnest($9::bytea[]) AS value, unnest($10::float8[]) AS priority, unnest($11::bigint[]) AS ttl
              ) AS w
              JOIN request r ON r.n = w.request AND r.applies
              LEFT JOIN LATERAL (
                SELECT e.sequence FROM holdfast.log_entry e WHERE e.space = r.space AND e.id = w.id LIMIT 1
              ) AS x ON true
            ), wanted AS MATERIALIZED (
              SELECT r.n, r.most, r.previous, r.space, coalesce(c.new, 0) AS new,
                CASE WHEN r.previous IS NULL THEN r.count - (
                  SELECT count(*) FROM holdfast.log_entry e
                  WHERE e.space = r.space AND e.expires_at <= \(now)
                    AND EXISTS (SELECT FROM request q WHERE q.space = r.space AND q.most IS NOT NULL)
                ) END AS held
              FROM request r
              LEFT JOIN (
                SELECT e.request, count(*) FILTER (WHERE e.sequence IS NULL) AS new FROM entry e GROUP BY e.request
              ) AS c ON c.request = r.n
            ), step AS (
              SELECT w.n, f.is_full, CASE WHEN f.is_full THEN w.held ELSE w.held + w.new END AS held
              FROM wanted w
              CROSS JOIN LATERAL (SELECT (w.new > 0 AND w.held + w.new > w.most) IS TRUE AS is_full) AS f
              WHERE w.previous IS NULL
              UNION ALL
              SELECT w.n, f.is_full, CASE WHEN f.is_full THEN s.held ELSE s.held + w.new END
              FROM step s
              JOIN wanted w ON w.previous = s.n
              CROSS JOIN LATERAL (SELECT (w.new > 0 AND s.held + w.new > w.most) IS TRUE AS is_full) AS f
            ), added AS MATERIALIZED (
              SELECT e.n, e.space, e.id, e.value, e.priority, e.ttl,
                e.last + row_number() OVER (PARTITION BY e.space ORDER BY e.n) AS sequence
              FROM entry e JOIN step s ON s.n = e.request
              WHERE NOT s.is_full AND e.sequence IS NULL
            ), inserted AS (
              INSERT INTO holdfast.log_entry (space, sequence, id, priority, created_at, expires_at, value)
              SELECT a.space, a.sequence, a.id, a.priority, \(now), \(now) + a.ttl, a.value
              FROM added a ORDER BY a.space, a.sequence
            ), moved AS (
              UPDATE holdfast.space s SET last = s.last + a.added, count = s.count + a.added
              FROM (SELECT space, count(*) AS added FROM added GROUP BY space) AS a
              WHERE s.number = a.space
            )
            SELECT 0::bigint, s.n, s.is_full, s.held FROM step s
            UNION ALL
            SELECT 1, e.n, false, coalesce(e.sequence, a.sequence)
            FROM entry e JOIN step s ON s.n = e.request AND NOT s.is_full LEFT JOIN added a ON a.n = e.n
            """
    }

    /// Subtracts what a `DELETE … RETURNING n, space` named `removed` took.
    private static let countRemoved = """
        moved AS (
          UPDATE holdfast.space s SET count = s.count - r.gone
          FROM (SELECT space, count(*) AS gone FROM removed GROUP BY space) AS r
          WHERE s.number = r.space
        )
        SELECT n, count(*) FROM removed GROUP BY n
        """

    /// 1 deployment; per entry 2 its request's number, 3 log, 4 id.
    ///
    /// Returns the number of each request that removed something, and how much; so do the other two.
    static let trimIDs = """
        WITH removed AS (
          DELETE FROM holdfast.log_entry e
          USING (
            SELECT w.n, s.number, w.id
            FROM (
              SELECT unnest($2::bigint[]) AS n, unnest($3::bytea[]) AS name, unnest($4::bytea[]) AS id
            ) AS w
            JOIN holdfast.space s
              ON s.deployment = $1::bigint AND s.kind = 1 AND s.name = w.name AND s.xmin = \(mine)
          ) AS w
          WHERE e.space = w.number AND e.id = w.id
          RETURNING w.n, e.space
        ), \(countRemoved)
        """

    /// 1 deployment; per log 2 its request's number, 3 log, 4 the last sequence to go; 5 the most entries of one.
    static let trimThrough = """
        WITH removed AS (
          DELETE FROM holdfast.log_entry e
          USING (
            SELECT w.n, s.number, v.sequence
            FROM (
              SELECT unnest($2::bigint[]) AS n, unnest($3::bytea[]) AS name, unnest($4::bigint[]) AS last
            ) AS w
            JOIN holdfast.space s
              ON s.deployment = $1::bigint AND s.kind = 1 AND s.name = w.name AND s.xmin = \(mine)
            CROSS JOIN LATERAL (
              SELECT v.sequence FROM holdfast.log_entry v
              WHERE v.space = s.number AND v.sequence <= w.last ORDER BY v.sequence LIMIT $5::bigint
            ) AS v
          ) AS w
          WHERE e.space = w.number AND e.sequence = w.sequence
          RETURNING w.n, e.space
        ), \(countRemoved)
        """

    /// 1 deployment; per log 2 its request's number, 3 log; 4 the most entries of one.
    static let trimExpired = """
        WITH removed AS (
          DELETE FROM holdfast.log_entry e
          USING (
            SELECT w.n, s.number, v.sequence
            FROM (SELECT unnest($2::bigint[]) AS n, unnest($3::bytea[]) AS name) AS w
            JOIN holdfast.space s
              ON s.deployment = $1::bigint AND s.kind = 1 AND s.name = w.name AND s.xmin = \(mine)
            CROSS JOIN LATERAL (
              SELECT v.sequence FROM holdfast.log_entry v
              WHERE v.space = s.number AND v.expires_at <= \(now) ORDER BY v.expires_at LIMIT $4::bigint
            ) AS v
          ) AS w
          WHERE e.space = w.number AND e.sequence = w.sequence
          RETURNING w.n, e.space
        ), \(countRemoved)
        """

    /// 1 deployment, 2 log, 3 the sequence that the page follows, 4 limit.
    ///
    /// Returns generation and last sequence, then an entry or nulls; one statement, so that they belong together.
    static let entries = """
        SELECT s.generation, s.last, e.id, e.sequence, e.value, e.priority, e.created_at, e.expires_at
        FROM holdfast.space s
        LEFT JOIN LATERAL (
          SELECT * FROM holdfast.log_entry e
          WHERE e.space = s.number AND e.sequence > $3::bigint AND (e.expires_at IS NULL OR e.expires_at > \(now))
          ORDER BY e.sequence LIMIT $4::bigint
        ) AS e ON true
        WHERE s.deployment = $1::bigint AND s.kind = 1 AND s.name = $2::bytea
        ORDER BY e.sequence
        """
}
