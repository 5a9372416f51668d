// The statements of logs, score tables and definitions.
//
// A group opens all spaces that it names with one statement, in order of name, and so holds their counters until it
// ends; every later statement works only on spaces that this transaction itself has opened. Whether it has is read off
// a row's `xmin`, the transaction that wrote it last.

extension SQL {
    /// Milliseconds since 1970 by the server's clock.
    private static let now = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
    private static let mine = "pg_current_xact_id()::xid"

    // MARK: - Opening

    /// Takes the counters of a group, creating those that are missing.
    ///
    /// One statement both inserts and locks, in order of name: two that do it apart could dead-lock.
    ///
    /// 1 deployment; per space 2 place, 3 kind, 4 name, 5 generation if it is new, 6 whether it may be created (0, 1);
    /// per table that a commit names 7 its place, 8 collection and 9 key of the record that the commit writes first:
    /// it may be created if the record was written. Returns kind, name and generation.
    static let openSpaces = """
        INSERT INTO holdfast.space AS s (deployment, kind, name, generation, last, count)
        SELECT $1::bigint, w.kind, w.name, w.generation, 0, 0
        FROM (
          SELECT unnest($2::bigint[]) AS n, unnest($3::bigint[]) AS kind, unnest($4::bytea[]) AS name,
            unnest($5::bytea[]) AS generation, unnest($6::bigint[]) AS creates
        ) AS w
        WHERE w.creates = 1
          OR EXISTS (
            SELECT FROM holdfast.space e WHERE e.deployment = $1::bigint AND e.kind = w.kind AND e.name = w.name
          )
          OR w.n IN (
            SELECT c.space
            FROM (
              SELECT unnest($7::bigint[]) AS space, unnest($8::text[]) AS collection, unnest($9::bytea[]) AS key
            ) AS c
            JOIN holdfast.record r
              ON r.deployment = $1::bigint AND r.collection = c.collection AND r.key = c.key AND r.xmin = \(mine)
          )
        ORDER BY w.name, w.kind
        ON CONFLICT (deployment, kind, name) WHERE name IS NOT NULL DO UPDATE SET last = s.last
        RETURNING s.kind, s.name, s.generation
        """

    /// Remembers the batches of a group; those that were applied before keep their rows.
    ///
    /// 1 deployment, 2 ids.
    static let rememberBatches = """
        INSERT INTO holdfast.score_batch (deployment, id, created_at)
        SELECT $1::bigint, w.id, \(now) FROM (SELECT unnest($2::bytea[]) AS id) AS w ORDER BY w.id
        ON CONFLICT (deployment, id) DO NOTHING
        """

    // MARK: - Logs

    /// Appends to logs, each request as a whole, in order.
    ///
    /// The requests of one log form a chain: each finds the log as the one before it leaves it.
    ///
    /// 1 deployment; per request 2 number, 3 log, 4 limit or null, 5 the number of the same log's request before or
    /// null; per entry 6 number, 7 its request's number, 8 id, 9 value, 10 priority, 11 time to live or null.
    ///
    /// Returns rows of two kinds: 0 = a request: number, whether it was refused as full, how many entries the log has
    /// then; 1 = an entry of a request that was not: number, false, sequence.
    static let append = """
        WITH RECURSIVE request AS MATERIALIZED (
          SELECT w.n, w.most, w.previous, s.number AS space, s.last, s.count
          FROM (
            SELECT unnest($2::bigint[]) AS n, unnest($3::bytea[]) AS name, unnest($4::bigint[]) AS most,
              unnest($5::bigint[]) AS previous
          ) AS w
          JOIN holdfast.space s
            ON s.deployment = $1::bigint AND s.kind = 1 AND s.name = w.name AND s.xmin = \(mine)
        ), entry AS MATERIALIZED (
          SELECT w.n, w.request, r.space, r.last, w.id, w.value, w.priority, w.ttl, x.sequence
          FROM (
            SELECT unnest($6::bigint[]) AS n, unnest($7::bigint[]) AS request, unnest($8::bytea[]) AS id,
              unnest($9::bytea[]) AS value, unnest($10::float8[]) AS priority, unnest($11::bigint[]) AS ttl
          ) AS w
          JOIN request r ON r.n = w.request
          LEFT JOIN LATERAL (
            SELECT e.sequence FROM holdfast.log_entry e WHERE e.space = r.space AND e.id = w.id LIMIT 1
          ) AS x ON true
        ), wanted AS MATERIALIZED (
          SELECT r.n, r.most, r.previous, r.space, c.new,
            CASE WHEN r.previous IS NULL THEN r.count - (
              SELECT count(*) FROM holdfast.log_entry e
              WHERE e.space = r.space AND e.expires_at <= \(now)
                AND EXISTS (SELECT FROM request q WHERE q.space = r.space AND q.most IS NOT NULL)
            ) END AS held
          FROM request r
          JOIN (
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

    // MARK: - Scores

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
          SELECT w.n, \(carried), w.most_members, \(decision) FROM wanted w
          \(storedScore)
          CROSS JOIN LATERAL (SELECT \(storedState)) AS s
          \(rules)
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
          SELECT w.n, \(carried), w.most_members, \(decision) FROM step s
          JOIN wanted w ON w.previous = s.n
          \(rules)
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

    // Parts of both, in their order.

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

    /// Looked up row by row: a join might read the whole table where the planner has no statistics yet.
    private static let storedScore = """
        LEFT JOIN LATERAL (
          SELECT * FROM holdfast.score c WHERE c.space = w.space AND c.member = w.member LIMIT 1
        ) AS c ON true
        """

    /// A row as a submission finds it; one that was removed counts as absent, and has neither score nor submissions.
    private static let storedState = """
        coalesce(c.removed = 0, false) AS present, coalesce(c.score, 0) AS score, coalesce(c.subscore, 0) AS subscore,
        coalesce(c.submissions, 0) AS submissions, c.metadata, c.record_version AS version,
        c.change AS stored_change, coalesce(c.reached, 0) AS stored_reached, c.updated_at
        """

    /// One field by its operator: 0 best, 1 set, 2 incr, 3 decr; order 0 descending, 1 ascending.
    ///
    /// Sums are numeric, since an overflow of bigint would fail the whole group.
    private static func met(_ field: String, by operation: String, _ order: String) -> String {
        """
        CASE \(operation)
          WHEN 1 THEN w.\(field)
          WHEN 2 THEN s.\(field)::numeric + w.\(field)
          WHEN 3 THEN greatest(0, s.\(field)::numeric - w.\(field))
          ELSE CASE WHEN s.submissions = 0 OR \(better(field, order)) THEN w.\(field) ELSE s.\(field) END
        END
        """
    }

    private static func better(_ field: String, _ order: String) -> String {
        "CASE w.\(order) WHEN 0 THEN w.\(field) > s.\(field) ELSE w.\(field) < s.\(field) END"
    }

    /// What a submission `w` makes of a row `s`: `m` is the pair that both give, `d` says what happens.
    ///
    /// Without submissions there is no score to meet, also where a member has joined.
    ///
    /// `OFFSET 0` keeps the planner from copying each expression into all that use it.
    private static let rules = """
        CROSS JOIN LATERAL (
          SELECT
            CASE WHEN p.as_one THEN CASE WHEN p.better THEN w.score ELSE s.score END
              ELSE \(met("score", by: "w.operation", "score_order")) END AS score,
            CASE WHEN p.as_one THEN CASE WHEN p.better THEN w.subscore ELSE s.subscore END
              WHEN w.suboperation = 4 THEN w.subscore
              ELSE \(met("subscore", by: "w.suboperation", "subscore_order")) END AS subscore
          FROM (
            SELECT w.operation = 0 AND w.suboperation = 4 AS as_one,
              (s.submissions = 0 OR CASE WHEN w.score = s.score THEN \(better("subscore", "subscore_order"))
                ELSE \(better("score", "score_order")) END) AS better
          ) AS p
          OFFSET 0
        ) AS m
        CROSS JOIN LATERAL (
          SELECT r.refusal, w.action IN (2, 5) OR (w.action = 0
              AND (s.submissions = 0 OR m.score <> s.score OR m.subscore <> s.subscore)) AS changes,
            r.refusal = 0 AND CASE w.action
              WHEN 2 THEN s.present OR w.version IS NOT NULL
              WHEN 3 THEN false
              WHEN 4 THEN NOT s.present OR w.metadata IS NOT NULL
              WHEN 5 THEN s.present
              ELSE true
            END AS writes
          FROM (
            SELECT CASE
              WHEN w.action = 3 THEN coalesce(w.remembered, 0)
              WHEN w.version <= s.version THEN 5
              WHEN w.opens_at > \(now) OR w.closes_at <= \(now) THEN 6
              WHEN NOT s.present AND (w.requires OR w.action = 1) THEN 4
              WHEN w.action = 5 AND s.submissions > 0 THEN 7
              WHEN w.action = 0 AND s.present AND s.submissions >= w.most_submissions THEN 2
              WHEN w.action = 0 AND NOT (
                m.score BETWEEN -9223372036854775808 AND 9223372036854775807
                AND m.subscore BETWEEN -9223372036854775808 AND 9223372036854775807
              ) THEN 1
              ELSE 0
            END::bigint AS refusal
          ) AS r
          OFFSET 0
        ) AS d
        """

    /// The row as it is afterwards, but for its numbers.
    private static let decision = """
        CASE WHEN d.writes THEN w.action NOT IN (2, 5) ELSE s.present END AS present,
        CASE WHEN NOT d.writes OR w.action IN (1, 4) THEN s.score WHEN w.action IN (2, 5) THEN 0
          ELSE m.score::bigint END AS score,
        CASE WHEN NOT d.writes OR w.action IN (1, 4) THEN s.subscore WHEN w.action IN (2, 5) THEN 0
          ELSE m.subscore::bigint END AS subscore,
        CASE WHEN NOT d.writes OR w.action IN (1, 4) THEN s.submissions WHEN w.action IN (2, 5) THEN 0
          ELSE s.submissions + w.stands_for END AS submissions,
        CASE WHEN NOT d.writes THEN s.metadata WHEN w.action IN (2, 5) THEN NULL
          ELSE coalesce(w.metadata, s.metadata) END AS metadata,
        CASE WHEN d.writes THEN coalesce(w.version, s.version) ELSE s.version END AS version, s.stored_change,
        CASE WHEN d.writes AND w.action = 4 AND NOT s.present THEN 0 ELSE s.stored_reached END AS stored_reached,
        CASE WHEN d.writes THEN \(now) ELSE s.updated_at END AS updated_at, d.refusal,
        d.writes AND d.changes AS changed, d.writes,
        CASE WHEN NOT d.writes THEN 0 WHEN w.action IN (0, 4) AND NOT s.present THEN 1
          WHEN w.action IN (2, 5) AND s.present THEN -1 ELSE 0 END::bigint AS joins
        """

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

    /// Forgets old batches and removes a part of what a dropped space left behind; steps aside for others.
    ///
    /// 1 how long a batch is remembered, 2 the most batches, 3 the most rows. Returns whether there was a dropped space.
    static let sweep = """
        WITH old AS MATERIALIZED (
          SELECT b.deployment, b.id FROM holdfast.score_batch b
          WHERE b.created_at < \(now) - $1::bigint
          ORDER BY b.created_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
        ), forgotten AS (
          DELETE FROM holdfast.score_batch b USING old WHERE b.deployment = old.deployment AND b.id = old.id
        ), dropped AS MATERIALIZED (
          SELECT s.number FROM holdfast.space s WHERE s.name IS NULL ORDER BY s.number LIMIT 1 FOR UPDATE SKIP LOCKED
        ), entries AS (
          DELETE FROM holdfast.log_entry e
          USING (
            SELECT v.space, v.sequence FROM holdfast.log_entry v
            WHERE v.space = (SELECT number FROM dropped) ORDER BY v.sequence LIMIT $3::bigint
          ) AS v
          WHERE e.space = v.space AND e.sequence = v.sequence
        ), scores AS (
          DELETE FROM holdfast.score c
          USING (
            SELECT v.space, v.member FROM holdfast.score v
            WHERE v.space = (SELECT number FROM dropped) ORDER BY v.member LIMIT $3::bigint
          ) AS v
          WHERE c.space = v.space AND c.member = v.member
        ), gone AS (
          DELETE FROM holdfast.space s USING dropped d
          WHERE s.number = d.number AND NOT EXISTS (SELECT FROM holdfast.log_entry e WHERE e.space = d.number)
            AND NOT EXISTS (SELECT FROM holdfast.score c WHERE c.space = d.number)
        )
        SELECT EXISTS (SELECT FROM dropped)
        """

    /// 1 deployment, 2 name.
    static let dropSpace = """
        UPDATE holdfast.space s SET name = NULL
        WHERE s.deployment = $1::bigint AND s.kind IN (1, 2) AND s.name = $2::bytea
        """

    /// Gives a page of logs and score tables new generations, 122 random bits each.
    ///
    /// 1 deployment, 2 the number that the page follows, 3 limit. Returns how many there were and the last number.
    static let renewGenerations = """
        WITH page AS MATERIALIZED (
          SELECT s.number FROM holdfast.space s
          WHERE s.deployment = $1::bigint AND s.name IS NOT NULL AND s.number > $2::bigint
          ORDER BY s.number LIMIT $3::bigint
        ), renewed AS (
          UPDATE holdfast.space s SET generation = uuid_send(gen_random_uuid())
          FROM page p WHERE s.number = p.number
        )
        SELECT count(*), max(p.number) FROM page p
        """

    // MARK: - Reads

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

    /// 1 deployment, 2 kind, 3 first name, 4 the name after the last (null = no end), 5 the name that the page follows
    /// (empty = none), 6 limit.
    static let spaces = """
        SELECT s.name, s.generation, s.last,
          s.count - (SELECT count(*) FROM holdfast.log_entry e WHERE e.space = s.number AND e.expires_at <= \(now))
        FROM holdfast.space s
        WHERE s.deployment = $1::bigint AND s.kind = $2::bigint AND s.name >= $3::bytea
          AND ($4::bytea IS NULL OR s.name < $4::bytea) AND s.name > $5::bytea
        ORDER BY s.name LIMIT $6::bigint
        """

    // MARK: - Definitions

    /// 1 deployment, 2 name.
    static let definition = """
        SELECT d.name, d.version, d.updated_at, d.value FROM holdfast.definition d
        WHERE d.deployment = $1::bigint AND d.name = $2::bytea AND d.value IS NOT NULL
        """

    /// 1 deployment, 2 first name, 3 the name after the last (null = no end), 4 the name that the page follows
    /// (empty = none), 5 limit.
    static let definitions = """
        SELECT d.name, d.version, d.updated_at, d.value FROM holdfast.definition d
        WHERE d.deployment = $1::bigint AND d.name >= $2::bytea AND ($3::bytea IS NULL OR d.name < $3::bytea)
          AND d.name > $4::bytea AND d.value IS NOT NULL
        ORDER BY d.name LIMIT $5::bigint
        """

    /// Writes a definition where none stands.
    ///
    /// 1 deployment, 2 name, 3 value. Returns its version, or nothing.
    static let insertDefinition = """
        INSERT INTO holdfast.definition AS d (deployment, name, version, updated_at, value)
        VALUES ($1::bigint, $2::bytea, 1, \(now), $3::bytea)
        ON CONFLICT (deployment, name) DO UPDATE
        SET version = d.version + 1, updated_at = excluded.updated_at, value = excluded.value
        WHERE d.value IS NULL
        RETURNING d.version
        """

    /// Writes or removes a definition where that version stands.
    ///
    /// 1 deployment, 2 name, 3 value or null, 4 version. Returns its new version, or nothing.
    static let updateDefinition = """
        UPDATE holdfast.definition d SET version = d.version + 1, updated_at = \(now), value = $3::bytea
        WHERE d.deployment = $1::bigint AND d.name = $2::bytea AND d.version = $4::bigint AND d.value IS NOT NULL
        RETURNING d.version
        """

    // MARK: - Layout 2

    /// What layout 2 adds; layout 1 stays as it is, so that its builds go on beside this one.
    ///
    /// Every statement may be repeated. A dropped space keeps its row without its name until its rows are gone.
    static let createLayout2 = [
        // Updates of a counter find room beside it.
        """
        CREATE TABLE IF NOT EXISTS holdfast.space (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          deployment bigint NOT NULL,
          kind bigint NOT NULL,
          name bytea,
          generation bytea NOT NULL,
          last bigint NOT NULL,
          count bigint NOT NULL
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE UNIQUE INDEX IF NOT EXISTS space_name ON holdfast.space (deployment, kind, name)
        WHERE name IS NOT NULL
        """,
        "CREATE INDEX IF NOT EXISTS space_dropped ON holdfast.space (number) WHERE name IS NULL",
        """
        CREATE TABLE IF NOT EXISTS holdfast.log_entry (
          space bigint NOT NULL,
          sequence bigint NOT NULL,
          id bytea NOT NULL,
          priority float8 NOT NULL,
          created_at bigint NOT NULL,
          expires_at bigint,
          value bytea NOT NULL,
          PRIMARY KEY (space, sequence),
          UNIQUE (space, id)
        )
        """,
        """
        CREATE INDEX IF NOT EXISTS log_entry_expiry ON holdfast.log_entry (space, expires_at)
        WHERE expires_at IS NOT NULL
        """,
        """
        CREATE TABLE IF NOT EXISTS holdfast.score (
          space bigint NOT NULL,
          member bytea NOT NULL,
          score bigint NOT NULL,
          subscore bigint NOT NULL,
          submissions bigint NOT NULL,
          change bigint NOT NULL,
          reached bigint NOT NULL,
          record_version bigint,
          updated_at bigint NOT NULL,
          removed bigint NOT NULL,
          metadata bytea,
          PRIMARY KEY (space, member),
          UNIQUE (space, change)
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS holdfast.score_batch (
          deployment bigint NOT NULL,
          id bytea NOT NULL,
          created_at bigint NOT NULL,
          refused bigint[],
          PRIMARY KEY (deployment, id)
        )
        """,
        "CREATE INDEX IF NOT EXISTS score_batch_age ON holdfast.score_batch (created_at)",
        """
        CREATE TABLE IF NOT EXISTS holdfast.definition (
          deployment bigint NOT NULL,
          name bytea NOT NULL,
          version bigint NOT NULL,
          updated_at bigint NOT NULL,
          value bytea,
          PRIMARY KEY (deployment, name)
        )
        """,
        "UPDATE holdfast.layout SET schema = 2 WHERE schema < 2",
    ]
}
