import HoldfastStorage

// Commits of any shape.

extension SQL {
    /// Commits of any shape: a member is carried out only if every row matches and every operation that it settles is
    /// still pending.
    ///
    /// Parameters of `locked`; then per write 4 position, 5 member, 6 collection, 7 key, 8 fence, 9 nonce, 10 version,
    /// 11 save id, 12 change (0 none, 1 content, 2 tombstone), 13 releases (0, 1), 14 payload, 15 checksum, 16 schema,
    /// 17 document bytes, 18 user ids, 19 metadata; per settlement 20 position, 21 member, 22 collection, 23 key,
    /// 24 operation id, 25 state, 26 attempts, 27 last error; per delivery 28 position, 29 member, 30 collection,
    /// 31 key, 32 operation id, 33 type, 34 payload; per write 35 keeps (0 never, 1 hourly, 2 always), 36 reason; per
    /// member that names one 37 member, 38 generation; per settlement 39 backoff, 40 progress; per delivery 41 time to
    /// live, 42 delay; per decision 43 member, 44 trade, 45 verdict, where ``lockTrades`` was the first statement.
    ///
    /// Returns rows of several kinds: 0 = a write of a refused member: position, then its row as it stands;
    /// 1 = a settlement that is no longer pending: position; 2 = how many rows were written, how many settled;
    /// 3 = a member of another generation; 4 = a member whose trade is decided: member, whether as `committed` (0, 1).
    static let commits = commits(keeping: true, deciding: false)
    /// The same with decisions.
    static let decidingCommits = commits(keeping: true, deciding: true)
    /// The same for layouts before 3; parameters up to 34.
    static let commitsOfLayout1 = commits(keeping: false, deciding: false)

    private static func commits(keeping: Bool, deciding: Bool) -> String {
        let outdated = """
            ), outdated AS MATERIALIZED (
              SELECT w.member
              FROM (SELECT unnest($37::bigint[]) AS member, unnest($38::bigint[]) AS generation) AS w
              WHERE w.generation <> (SELECT generation FROM standing)
            """
        let kept = """
            ), kept AS (
              INSERT INTO holdfast.history (\(historyColumns))
              SELECT \(replacedColumns), w.reason, CASE w.change WHEN 2 THEN 1 ELSE 0 END
              FROM (
                SELECT unnest($5::bigint[]) AS member, unnest($6::text[]) AS collection, unnest($7::bytea[]) AS key,
                  unnest($10::bigint[]) AS version, unnest($12::bigint[]) AS change, unnest($35::bigint[]) AS keeps,
                  unnest($36::text[]) AS reason
              ) AS w
              \(replaced)
              WHERE w.member IN (SELECT member FROM accepted) AND w.change <> 0
                AND (w.keeps = 2 OR w.keeps = 1 AND r.updated_at < \(hour))
              \(keptOnce)
            """
        let moved = """
            , due_at = CASE WHEN d.state = 'pending' AND d.retry_after > 0 THEN \(now) + d.retry_after END,
            progress = d.progress
            """
        let notOver = "AND NOT (coalesce(p.expires_at <= \(now), false) AND p.progress IS NULL)"
        let decided = """
            ), decided AS MATERIALIZED (
              SELECT w.member, CASE d.verdict WHEN 'committed' THEN 1 ELSE 0 END::bigint AS verdict
              FROM (SELECT unnest($43::bigint[]) AS member, unnest($44::bytea[]) AS trade) AS w
              JOIN holdfast.decision d ON d.deployment = $1::bigint AND d.trade = w.trade
            """
        let made = """
            ), made AS (
              INSERT INTO holdfast.decision (deployment, trade, verdict, decided_at)
              SELECT $1::bigint, w.trade, w.verdict, \(now)
              FROM (
                SELECT unnest($43::bigint[]) AS member, unnest($44::bytea[]) AS trade, unnest($45::text[]) AS verdict
              ) AS w
              WHERE w.member IN (SELECT member FROM accepted)
            """
        return """
            WITH \(locked), \(keeping ? standing + "," : "") wanted AS MATERIALIZED (
              SELECT w.n, w.member, l.version, l.fence, l.owner_nonce, l.owner_server, l.owner_boot, l.save_id,
                (l.fence = w.fence AND l.owner_nonce = w.nonce AND l.version = w.version) IS TRUE AS matches
              FROM (
                SELECT unnest($4::bigint[]) AS n, unnest($5::bigint[]) AS member, unnest($6::text[]) AS collection,
                  unnest($7::bytea[]) AS key, unnest($8::bigint[]) AS fence, unnest($9::bytea[]) AS nonce,
                  unnest($10::bigint[]) AS version
              ) AS w
              LEFT JOIN locked l ON l.collection = w.collection AND l.key = w.key
            ), settling AS MATERIALIZED (
              SELECT unnest($20::bigint[]) AS n, unnest($21::bigint[]) AS member, unnest($22::text[]) AS collection,
                unnest($23::bytea[]) AS key, unnest($24::bytea[]) AS id, unnest($25::text[]) AS state,
                unnest($26::bigint[]) AS attempts, unnest($27::text[]) AS last_error
                \(keeping ? ", unnest($39::bigint[]) AS retry_after, unnest($40::bytea[]) AS progress" : "")
            ), due AS MATERIALIZED (
              SELECT s.*, o.sequence
              FROM settling s
              JOIN holdfast.operation o
                ON o.deployment = $1::bigint AND o.collection = s.collection AND o.key = s.key AND o.id = s.id
              WHERE (SELECT count(*) FROM locked) >= 0 -- operations follow their records
                AND o.state = 'pending'
              FOR UPDATE OF o
            ), matched AS MATERIALIZED (
              SELECT member FROM wanted GROUP BY member HAVING bool_and(matches)
              EXCEPT
              SELECT member FROM settling WHERE n NOT IN (SELECT n FROM due)
            \(keeping ? outdated : "") \(deciding ? decided : "")
            ), accepted AS MATERIALIZED (
              SELECT member FROM matched
              \(keeping ? "EXCEPT SELECT member FROM outdated" : "")
              \(deciding ? "EXCEPT SELECT member FROM decided" : "")
            \(keeping ? kept : "") \(deciding ? made : "")
            ), written AS (
              UPDATE holdfast.record r
              SET version = r.version + CASE w.change WHEN 0 THEN 0 ELSE 1 END,
                fence = r.fence + CASE w.change WHEN 2 THEN 1 ELSE 0 END,
                owner_nonce = CASE WHEN w.change = 2 OR w.releases = 1 THEN NULL ELSE r.owner_nonce END,
                owner_server = CASE WHEN w.change = 2 OR w.releases = 1 THEN NULL ELSE r.owner_server END,
                owner_boot = CASE WHEN w.change = 2 OR w.releases = 1 THEN NULL ELSE r.owner_boot END,
                save_id = CASE w.change WHEN 0 THEN r.save_id ELSE w.save_id END,
                payload = CASE w.change WHEN 0 THEN r.payload ELSE w.payload END,
                checksum = CASE w.change WHEN 0 THEN r.checksum ELSE w.checksum END,
                schema = CASE w.change WHEN 0 THEN r.schema ELSE w.schema END,
                document_bytes = CASE w.change WHEN 0 THEN r.document_bytes ELSE w.document_bytes END,
                user_ids = CASE w.change WHEN 0 THEN r.user_ids ELSE w.user_ids END,
                metadata = CASE w.change WHEN 0 THEN r.metadata ELSE w.metadata END,
                created_at = CASE WHEN r.version = 0 AND w.change = 1 THEN \(now) ELSE r.created_at END,
                updated_at = CASE w.change WHEN 0 THEN r.updated_at ELSE \(now) END
              FROM (
                SELECT unnest($5::bigint[]) AS member, unnest($6::text[]) AS collection, unnest($7::bytea[]) AS key,
                  unnest($8::bigint[]) AS fence, unnest($9::bytea[]) AS nonce, unnest($10::bigint[]) AS version,
                  unnest($11::bytea[]) AS save_id, unnest($12::bigint[]) AS change, unnest($13::bigint[]) AS releases,
                  unnest($14::bytea[]) AS payload, unnest($15::bigint[]) AS checksum, unnest($16::bigint[]) AS schema,
                  unnest($17::bigint[]) AS document_bytes, unnest($18::text[]) AS user_ids,
                  unnest($19::bytea[]) AS metadata
              ) AS w
              WHERE w.member IN (SELECT member FROM accepted)
                AND r.deployment = $1::bigint AND r.collection = w.collection AND r.key = w.key
                AND r.fence = w.fence AND r.owner_nonce = w.nonce AND r.version = w.version
              RETURNING r.version
            ), settled AS (
              UPDATE holdfast.operation o
              SET state = d.state, attempts = d.attempts, last_error = d.last_error,
                finished_at = CASE d.state WHEN 'pending' THEN NULL ELSE \(now) END
                \(keeping ? moved : "")
              FROM due d
              WHERE d.member IN (SELECT member FROM accepted) AND o.sequence = d.sequence AND o.state = 'pending'
              RETURNING o.sequence
            ), delivered AS (
              INSERT INTO holdfast.operation
                (deployment, collection, key, id, type, payload, attempts, delivered_at, state, last_error, finished_at
                \(keeping ? ", expires_at, due_at" : ""))
              SELECT $1::bigint, d.collection, d.key, d.id, d.type, d.payload, 0, \(now),
                CASE WHEN d.fits THEN 'pending' ELSE 'dead' END,
                CASE WHEN NOT d.fits THEN '\(OperationRecord.fullList)' END, CASE WHEN NOT d.fits THEN \(now) END
                \(keeping ? deliveryTimes : "")
              FROM (
                SELECT d.*, row_number() OVER (PARTITION BY d.collection, d.key ORDER BY d.n) + (
                  SELECT count(*) FROM (
                    SELECT FROM holdfast.operation p
                    WHERE p.deployment = $1::bigint AND p.collection = d.collection AND p.key = d.key
                      AND p.state = 'pending' \(keeping ? notOver : "")
                    LIMIT \(DurableStoreLimits.pending)
                  ) AS pending
                ) <= \(DurableStoreLimits.pending) AS fits
                FROM (
                  SELECT unnest($28::bigint[]) AS n, unnest($29::bigint[]) AS member, unnest($30::text[]) AS collection,
                    unnest($31::bytea[]) AS key, unnest($32::bytea[]) AS id, unnest($33::text[]) AS type,
                    unnest($34::bytea[]) AS payload
                    \(keeping ? ", unnest($41::bigint[]) AS time_to_live, unnest($42::bigint[]) AS delay" : "")
                ) AS d
                WHERE d.member IN (SELECT member FROM accepted)
              ) AS d
              ORDER BY d.collection COLLATE "C", d.key, d.n
              ON CONFLICT (deployment, collection, key, id) DO NOTHING
            )
            SELECT 0::bigint AS kind, w.n, w.version, w.fence, w.owner_nonce, w.owner_server, w.owner_boot, w.save_id
            FROM wanted w WHERE w.member NOT IN (SELECT member FROM matched)
            UNION ALL
            SELECT 1, s.n, NULL, NULL, NULL, NULL, NULL, NULL FROM settling s WHERE s.n NOT IN (SELECT n FROM due)
            UNION ALL
            SELECT 2, (SELECT count(*) FROM written), (SELECT count(*) FROM settled), NULL, NULL, NULL, NULL, NULL
            \(keeping ? "UNION ALL SELECT 3, o.member, NULL, NULL, NULL, NULL, NULL, NULL FROM outdated o" : "")
            \(deciding ? "UNION ALL SELECT 4, d.member, d.verdict, NULL, NULL, NULL, NULL, NULL FROM decided d" : "")
            """
    }
}
