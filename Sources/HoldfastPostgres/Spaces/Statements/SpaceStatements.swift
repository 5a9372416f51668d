// The statements of logs, score tables and definitions.
//
// A group opens all spaces that it names with one statement, in order of name, and so holds their counters until it
// ends; every later statement works only on spaces that this transaction itself has opened. Whether it has is read off
// a row's `xmin`, the transaction that wrote it last.

extension SQL {
    /// This transaction, as a row's `xmin` names it.
    static let mine = "pg_current_xact_id()::xid"

    /// Takes the counters of a group, creating those that are missing.
    ///
    /// One statement both inserts and locks, in order of name: two that do it apart could dead-lock.
    ///
    /// 1 deployment; per space 2 place, 3 kind, 4 name, 5 generation if it is new, 6 whether it may be created (0, 1);
    /// per space that a commit names 7 its place, 8 collection and 9 key of the record that the commit writes first:
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

    /// 1 deployment, 2 name.
    static let dropSpace = """
        UPDATE holdfast.space s SET name = NULL
        WHERE s.deployment = $1::bigint AND s.kind IN (1, 2) AND s.name = $2::bytea
        """

    /// Forgets old batches and removes a part of what a dropped space left behind; steps aside for others.
    ///
    /// 1 how long a batch is remembered, 2 the most batches, 3 the most rows. Returns whether there was a dropped
    /// space.
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
}
