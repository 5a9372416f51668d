extension SQL {
    /// Remembers the batches of a group; those that were applied before keep their rows.
    ///
    /// 1 deployment, 2 ids.
    static let rememberBatches = """
        INSERT INTO holdfast.score_batch (deployment, id, created_at)
        SELECT $1::bigint, w.id, \(now) FROM (SELECT unnest($2::bytea[]) AS id) AS w ORDER BY w.id
        ON CONFLICT (deployment, id) DO NOTHING
        """

    /// Applies submissions to score tables, in order; no member of a table occurs twice, and no table is bounded.
    ///
    /// The rules are those of `ScoreCounter.decide`. Change numbers are handed out after the decisions, in order, to
    /// those that write.
    ///
    /// 1 deployment; per request 2 place, 3 batch id, or 4 collection and 5 key of the record that a commit writes
    /// first, 6 the number of its first submission; per table 7 place, 8 name; per submission 9 number, 10 its
    /// request's place, 11 its table's place, 12 the number of the same member's submission before or null, 13 member,
    /// 14 flags, 15 score, 16 subscore, 17 metadata, 18 the most submissions, 19 the most members, 20 record version,
    /// 21 and 22 when the window begins and ends or nulls, 23 how many submissions it stands for. Places count from 1.
    ///
    /// Flags from the lowest bit: action (2 bits; 0 submit, 1 metadata, 2 remove), order of score (1), of subscore (1),
    /// operator of score (2), of subscore (3; 4 goes with the score), whether the member must be there (1), the third
    /// bit of the action (4 join, 5 leave).
    ///
    /// A submission of a batch that was applied before, or of a commit that was refused, writes nothing and reads the
    /// row as it stands there.
    ///
    /// Returns per submission: number, refusal (0 = none), whether the member is there, whether its pair changed,
    /// whether the row was written; then score, subscore, submissions, change, reached, metadata, date; then the time.
    static let submit = """
        WITH \(gates), wanted AS (SELECT \(wanted) OFFSET 0), step AS (
          SELECT w.n, \(carried), w.most_members, \(scoreDecision) FROM wanted w
          \(storedScore)
          CROSS JOIN LATERAL (SELECT \(storedState)) AS s
          \(scoreRules)
        ), decided AS MATERIALIZED (
          SELECT b.*, CASE WHEN b.writes THEN b.number ELSE b.stored_change END AS change,
            CASE WHEN b.changed THEN b.number ELSE b.stored_reached END AS reached
          FROM (
            SELECT s.*, s.last + count(*) FILTER (WHERE s.writes) OVER (PARTITION BY s.space ORDER BY s.n) AS number
            FROM step s
          ) AS b
        ), written AS (
          INSERT INTO holdfast.score AS c (\(scoreColumns))
          SELECT \(scoreValues) FROM decided d WHERE d.writes
          \(replacingScore)
        ), \(counted)
        """

    /// The same where members occur several times, or a table has a bound on its members.
    ///
    /// The submissions of one member form a chain, carried out link by link: each finds the row as the one before it
    /// leaves it. Members that are too many are refused afterwards, so they occur once, and nobody leaves their table.
    static let submitChains = """
        WITH RECURSIVE \(gates), wanted AS MATERIALIZED (SELECT \(wanted)), step AS (
          -- Where each chain begins: the row as it is stored, under a number that no submission has.
          SELECT w.previous AS n, \(carried), NULL::bigint AS most_members, \(storedState), 0::bigint AS refusal,
            false AS changed, false AS writes, 0::bigint AS joins
          FROM wanted w
          \(storedScore)
          WHERE w.is_first
          UNION ALL
          SELECT w.n, \(carried), w.most_members, \(scoreDecision) FROM step s
          JOIN wanted w ON w.previous = s.n
          \(scoreRules)
        ), bounded AS (
          SELECT s.*, (s.joins = 1 AND s.count
              + count(*) FILTER (WHERE s.joins = 1) OVER (PARTITION BY s.space ORDER BY s.n) > s.most_members
            ) IS TRUE AS is_full
          FROM step s WHERE s.n > 0
        ), numbered AS (
          SELECT b.*, b.writes AND NOT b.is_full AS accepted, b.last
              + count(*) FILTER (WHERE b.writes AND NOT b.is_full) OVER (PARTITION BY b.space ORDER BY b.n) AS number
          FROM bounded b
        ), decided AS MATERIALIZED (
          SELECT b.n, b.request, b.position, b.space, b.member, b.applies, b.score, b.subscore, b.submissions,
            b.metadata, b.version, b.updated_at, b.joins, b.accepted AS writes,
            b.present AND NOT b.is_full AS present, b.changed AND NOT b.is_full AS changed,
            CASE WHEN b.is_full THEN 3 ELSE b.refusal END AS refusal,
            coalesce(max(b.number) FILTER (WHERE b.accepted) OVER chain, b.stored_change) AS change,
            coalesce(max(b.number) FILTER (WHERE b.accepted AND b.changed) OVER chain, b.stored_reached) AS reached
          FROM numbered b
          WINDOW chain AS (PARTITION BY b.space, b.member ORDER BY b.n)
        ), written AS (
          INSERT INTO holdfast.score AS c (\(scoreColumns))
          SELECT DISTINCT ON (d.space, d.member) \(scoreValues) FROM decided d WHERE d.writes
          ORDER BY d.space, d.member, d.n DESC
          \(replacingScore)
        ), \(counted)
        """

    /// Which requests take effect; short lists become arrays, where a submission finds its entry by its place.
    private static let gates = """
        gate AS MATERIALIZED (
          SELECT q.n, b.id AS batch, b.refused, (b.xmin = \(mine) OR r.xmin = \(mine)) IS TRUE AS applies
          FROM (
            SELECT unnest($2::bigint[]) AS n, unnest($3::bytea[]) AS batch, unnest($4::text[]) AS collection,
              unnest($5::bytea[]) AS key
          ) AS q
          LEFT JOIN holdfast.score_batch b ON b.deployment = $1::bigint AND b.id = q.batch
          LEFT JOIN holdfast.record r ON r.deployment = $1::bigint AND r.collection = q.collection AND r.key = q.key
        ), request AS MATERIALIZED (
          SELECT array_agg(g.applies ORDER BY g.n) AS applies FROM gate g
        ), board AS MATERIALIZED (
          SELECT array_agg(s.number ORDER BY t.n) AS space, array_agg(s.last ORDER BY t.n) AS last,
            array_agg(s.count ORDER BY t.n) AS count
          FROM (SELECT unnest($7::bigint[]) AS n, unnest($8::bytea[]) AS name) AS t
          LEFT JOIN holdfast.space s
            ON s.deployment = $1::bigint AND s.kind = 2 AND s.name = t.name AND s.xmin = \(mine)
        )
        """

    private static let wanted = """
        w.n, coalesce(w.previous, -w.n) AS previous, w.previous IS NULL AS is_first, w.request, w.position, w.member,
        w.applies, (SELECT space FROM board)[w.board] AS space, (SELECT last FROM board)[w.board] AS last,
        (SELECT count FROM board)[w.board] AS count,
        CASE WHEN w.applies THEN (w.flags & 3) | ((w.flags >> 8) & 4) ELSE 3 END AS action,
        (w.flags >> 2) & 1 AS score_order, (w.flags >> 3) & 1 AS subscore_order, (w.flags >> 4) & 3 AS operation,
        (w.flags >> 6) & 7 AS suboperation, (w.flags >> 9) & 1 = 1 AS requires, w.score, w.subscore, w.metadata,
        w.most_submissions, w.most_members, w.version, w.opens_at, w.closes_at, w.stands_for,
        CASE WHEN NOT w.applies THEN
          (SELECT u.code % 8 FROM gate g CROSS JOIN LATERAL unnest(g.refused) AS u (code)
            WHERE g.n = w.request AND u.code / 8 = w.position)
        END AS remembered
        FROM (
          SELECT w.*, w.n - ($6::bigint[])[w.request] AS position, (SELECT applies FROM request)[w.request] AS applies
          FROM (
            SELECT unnest($9::bigint[]) AS n, unnest($10::bigint[]) AS request, unnest($11::bigint[]) AS board,
              unnest($12::bigint[]) AS previous, unnest($13::bytea[]) AS member, unnest($14::bigint[]) AS flags,
              unnest($15::bigint[]) AS score, unnest($16::bigint[]) AS subscore, unnest($17::bytea[]) AS metadata,
              unnest($18::bigint[]) AS most_submissions, unnest($19::bigint[]) AS most_members,
              unnest($20::bigint[]) AS version, unnest($21::bigint[]) AS opens_at, unnest($22::bigint[]) AS closes_at,
              unnest($23::bigint[]) AS stands_for
          ) AS w
        ) AS w
        """

    private static let carried = "w.request, w.position, w.space, w.last, w.count, w.member, w.applies"

    private static let scoreColumns =
        "space, member, score, subscore, submissions, change, reached, record_version, updated_at, removed, metadata"
    private static let scoreValues = """
        d.space, d.member, d.score, d.subscore, d.submissions, d.change, d.reached, d.version, d.updated_at,
        CASE WHEN d.present THEN 0 ELSE 1 END, d.metadata
        """
    private static let replacingScore = """
        ON CONFLICT (space, member) DO UPDATE
        SET score = excluded.score, subscore = excluded.subscore, submissions = excluded.submissions,
          change = excluded.change, reached = excluded.reached, record_version = excluded.record_version,
          updated_at = excluded.updated_at, removed = excluded.removed, metadata = excluded.metadata
        """

    /// Moves the counters, keeps the refusals with their batches, and answers.
    private static let counted = """
        moved AS (
          UPDATE holdfast.space s SET last = s.last + d.changes, count = s.count + d.joins
          FROM (
            SELECT space, count(*) AS changes, sum(joins)::bigint AS joins FROM decided WHERE writes GROUP BY space
          ) AS d
          WHERE s.number = d.space
        ), noted AS (
          UPDATE holdfast.score_batch b SET refused = b.refused || d.codes
          FROM (
            SELECT d.request, array_agg(d.position * 8 + d.refusal ORDER BY d.n) AS codes
            FROM decided d WHERE d.refusal <> 0 AND d.applies GROUP BY d.request
          ) AS d
          JOIN gate g ON g.n = d.request
          WHERE b.deployment = $1::bigint AND b.id = g.batch
        )
        SELECT d.n, d.refusal, d.present, d.changed, d.writes, d.score, d.subscore, d.submissions, d.change,
          d.reached, d.metadata, d.updated_at, \(now)
        FROM decided d
        """

    private static let rowColumns =
        "c.member, c.score, c.subscore, c.submissions, c.change, c.reached, c.metadata, c.updated_at, c.removed"

    /// 1 deployment, 2 table, 3 the change that the page follows, 4 limit.
    ///
    /// Returns generation and last change, then a row or nulls.
    static let scoresByChange = """
        SELECT s.generation, s.last, \(rowColumns)
        FROM holdfast.space s
        LEFT JOIN LATERAL (
          SELECT * FROM holdfast.score c WHERE c.space = s.number AND c.change > $3::bigint
          ORDER BY c.change LIMIT $4::bigint
        ) AS c ON true
        WHERE s.deployment = $1::bigint AND s.kind = 2 AND s.name = $2::bytea
        ORDER BY c.change
        """

    /// 1 deployment, 2 table; per member 3 position, 4 member.
    ///
    /// Returns position, then the row of one that is there.
    static let scoresByMember = """
        SELECT w.n, \(rowColumns)
        FROM (SELECT unnest($3::bigint[]) AS n, unnest($4::bytea[]) AS member) AS w
        JOIN holdfast.space s ON s.deployment = $1::bigint AND s.kind = 2 AND s.name = $2::bytea
        CROSS JOIN LATERAL (
          SELECT * FROM holdfast.score c WHERE c.space = s.number AND c.member = w.member AND c.removed = 0 LIMIT 1
        ) AS c
        """
}
