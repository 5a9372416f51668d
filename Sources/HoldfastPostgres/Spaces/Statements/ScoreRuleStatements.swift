// The rules of `ScoreCounter.decide`, as parts of the statements that apply submissions.

extension SQL {
    /// Looked up row by row: a join might read the whole table where the planner has no statistics yet.
    static let storedScore = """
        LEFT JOIN LATERAL (
          SELECT * FROM holdfast.score c WHERE c.space = w.space AND c.member = w.member LIMIT 1
        ) AS c ON true
        """

    /// A row as a submission finds it; one that was removed counts as absent, and has neither score nor submissions.
    static let storedState = """
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
    static let scoreRules = """
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
    static let scoreDecision = """
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
}
