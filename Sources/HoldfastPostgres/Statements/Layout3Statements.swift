extension SQL {
    /// What layout 3 adds; layouts 1 and 2 stay as they are, so that their builds go on beside this one.
    ///
    /// Every statement may be repeated. Every group takes records before anything else, and so does the migration:
    /// neither waits for what the other holds.
    static let createLayout3 = [
        "LOCK TABLE holdfast.record IN ACCESS EXCLUSIVE MODE",
        "ALTER TABLE holdfast.deployment ADD COLUMN IF NOT EXISTS generation bigint NOT NULL DEFAULT 0",
        """
        CREATE TABLE IF NOT EXISTS holdfast.part (
          deployment bigint NOT NULL,
          collection text COLLATE "C" NOT NULL,
          key bytea NOT NULL,
          name bytea NOT NULL,
          version bigint NOT NULL,
          payload bytea NOT NULL,
          checksum bigint NOT NULL,
          PRIMARY KEY (deployment, collection, key, name)
        ) WITH (fillfactor = 80)
        """,
        "ALTER TABLE holdfast.part ALTER COLUMN payload SET STORAGE EXTERNAL",
        // A build of layout 2 deletes records without knowing of parts.
        """
        CREATE OR REPLACE FUNCTION holdfast.remove_parts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM holdfast.part p
          WHERE p.deployment = OLD.deployment AND p.collection = OLD.collection AND p.key = OLD.key;
          RETURN NULL;
        END $$
        """,
        """
        CREATE OR REPLACE TRIGGER record_part_removed AFTER UPDATE ON holdfast.record FOR EACH ROW
        WHEN (OLD.payload IS NOT NULL AND NEW.payload IS NULL) EXECUTE FUNCTION holdfast.remove_parts()
        """,
        """
        CREATE TABLE IF NOT EXISTS holdfast.history (
          deployment bigint NOT NULL,
          collection text COLLATE "C" NOT NULL,
          key bytea NOT NULL,
          version bigint NOT NULL,
          schema bigint,
          payload bytea NOT NULL,
          checksum bigint,
          document_bytes bigint,
          user_ids text COLLATE "C",
          metadata bytea,
          updated_at bigint NOT NULL,
          replaced_at bigint NOT NULL,
          reason text COLLATE "C",
          deletion bigint NOT NULL,
          PRIMARY KEY (deployment, collection, key, version)
        )
        """,
        "ALTER TABLE holdfast.history ALTER COLUMN payload SET STORAGE EXTERNAL",
        "CREATE INDEX IF NOT EXISTS history_age ON holdfast.history (deployment, replaced_at)",
        """
        CREATE TABLE IF NOT EXISTS holdfast.decision (
          deployment bigint NOT NULL,
          trade bytea NOT NULL,
          verdict text COLLATE "C" NOT NULL,
          decided_at bigint NOT NULL,
          PRIMARY KEY (deployment, trade)
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS holdfast.erasure (
          deployment bigint NOT NULL,
          user_id bytea NOT NULL,
          remembered_at bigint NOT NULL,
          PRIMARY KEY (deployment, user_id)
        )
        """,
        // A key of an index has at most 2,700 bytes.
        """
        CREATE OR REPLACE FUNCTION holdfast.user_ids(list text) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $$ SELECT array_agg(left(u.id, \(userIDLetters))) FROM \(userIDs("list")) $$
        """,
        // An index of an expression is complete whatever build wrote a row; a save that leaves the ids alone leaves
        // it alone.
        """
        CREATE INDEX IF NOT EXISTS record_users ON holdfast.record USING gin (holdfast.user_ids(user_ids))
        WHERE user_ids <> '[]'
        """,
        """
        ALTER TABLE holdfast.operation
          ADD COLUMN IF NOT EXISTS expires_at bigint, ADD COLUMN IF NOT EXISTS due_at bigint,
          ADD COLUMN IF NOT EXISTS progress bytea
        """,
        "CREATE INDEX IF NOT EXISTS operation_id ON holdfast.operation (deployment, id, sequence)",
        """
        CREATE INDEX IF NOT EXISTS operation_dead ON holdfast.operation (deployment, collection, sequence)
        WHERE state = 'dead'
        """,
        // Receipts that were not shortened yet.
        """
        CREATE INDEX IF NOT EXISTS operation_receipt ON holdfast.operation (deployment, finished_at)
        WHERE state IN ('applied', 'cancelled', 'expired') AND payload <> ''::bytea
        """,
        // Whoever may work with records may work with what is theirs: a fleet whose role does not own the tables would
        // be refused every save.
        """
        DO $$
        DECLARE granted record;
        BEGIN
          FOR granted IN
            SELECT a.privilege_type AS privilege,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
            FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
            WHERE c.oid = 'holdfast.record'::regclass
              AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
          LOOP
            EXECUTE format(
              'GRANT %s ON holdfast.part, holdfast.history, holdfast.decision, holdfast.erasure TO %s',
              granted.privilege, granted.role);
          END LOOP;
        END $$
        """,
        "UPDATE holdfast.layout SET schema = 3 WHERE schema < 3",
    ]

    /// The most letters of a user id that its index knows.
    static let userIDLetters = 600

    /// The strings in a column's JSON array, one `u.id` each, as they are written there.
    ///
    /// Text has no NUL, and canonical JSON writes each string in one way only. What is no array is no fault.
    static func userIDs(_ column: String) -> String {
        #"(SELECT m[1] AS id FROM regexp_matches(\#(column), '"(?:[^"\\]|\\.)*"', 'g') AS m) AS u"#
    }
}
