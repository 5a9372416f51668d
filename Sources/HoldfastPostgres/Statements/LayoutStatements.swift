extension SQL {
    /// 1 the deployment's name.
    ///
    /// Returns the layout, and the deployment or nulls; layouts before 3 have no generation.
    static let deployment = """
        SELECT l.schema, l.minimum_reader, d.number, d.id, d.lease_millis, d.renew_millis, d.beat_millis,
          coalesce((to_jsonb(d) ->> 'generation')::bigint, 0)
        FROM holdfast.layout l LEFT JOIN holdfast.deployment d ON d.name = $1::text
        """

    static let status = """
        SELECT current_setting('server_version'), (SELECT max(l.schema) FROM holdfast.layout l)
        """

    /// Registers a deployment or changes its timings; the id that was drawn first stays.
    ///
    /// 1 name, 2 id, 3 lease, 4 renew and 5 beat milliseconds.
    static let registerDeployment = """
        INSERT INTO holdfast.deployment AS d (name, id, lease_millis, renew_millis, beat_millis, created_at)
        VALUES ($1::text, $2::bytea, $3::bigint, $4::bigint, $5::bigint, \(now))
        ON CONFLICT (name) DO UPDATE SET lease_millis = excluded.lease_millis, renew_millis = excluded.renew_millis,
          beat_millis = excluded.beat_millis
        """

    /// One migration at a time in a database; the number spells "holdfast" and ends with the transaction.
    static let migrationLock = "SELECT pg_advisory_xact_lock(7525904389282263924)"

    /// Creates layout 1.
    ///
    /// Every statement may be repeated; run under ``migrationLock``.
    static let createLayout = [
        "CREATE SCHEMA IF NOT EXISTS holdfast",
        "CREATE TABLE IF NOT EXISTS holdfast.layout (schema bigint NOT NULL, minimum_reader bigint NOT NULL)",
        // A newer build may have migrated since this one looked.
        """
        DO $$ BEGIN
          IF EXISTS (SELECT FROM holdfast.layout l WHERE l.schema > \(PostgresStore.schema)) THEN
            RAISE EXCEPTION 'newer layout' USING ERRCODE = '\(SQLState.newerLayout)';
          END IF;
        END $$
        """,
        """
        CREATE TABLE IF NOT EXISTS holdfast.deployment (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          name text COLLATE "C" NOT NULL UNIQUE,
          id bytea NOT NULL,
          lease_millis bigint NOT NULL,
          renew_millis bigint NOT NULL,
          beat_millis bigint NOT NULL,
          created_at bigint NOT NULL
        )
        """,
        // Updates of a row find room beside it, so that they leave the index alone.
        """
        CREATE TABLE IF NOT EXISTS holdfast.record (
          deployment bigint NOT NULL,
          collection text COLLATE "C" NOT NULL,
          key bytea NOT NULL,
          version bigint NOT NULL,
          fence bigint NOT NULL,
          owner_nonce bytea,
          owner_server text COLLATE "C",
          owner_boot bytea,
          save_id bytea,
          schema bigint,
          payload bytea,
          checksum bigint,
          document_bytes bigint,
          user_ids text COLLATE "C",
          metadata bytea,
          created_at bigint NOT NULL,
          updated_at bigint NOT NULL,
          PRIMARY KEY (deployment, collection, key)
        ) WITH (fillfactor = 80)
        """,
        // Payloads are compressed already.
        "ALTER TABLE holdfast.record ALTER COLUMN payload SET STORAGE EXTERNAL",
        """
        CREATE TABLE IF NOT EXISTS holdfast.operation (
          sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          deployment bigint NOT NULL,
          collection text COLLATE "C" NOT NULL,
          key bytea NOT NULL,
          id bytea NOT NULL,
          type text COLLATE "C" NOT NULL,
          payload bytea NOT NULL,
          state text COLLATE "C" NOT NULL,
          attempts bigint NOT NULL,
          last_error text,
          delivered_at bigint NOT NULL,
          finished_at bigint,
          UNIQUE (deployment, collection, key, id)
        )
        """,
        """
        CREATE INDEX IF NOT EXISTS operation_pending ON holdfast.operation (deployment, collection, key, sequence)
        WHERE state = 'pending'
        """,
        """
        INSERT INTO holdfast.layout (schema, minimum_reader)
        SELECT 1, 1 WHERE NOT EXISTS (SELECT FROM holdfast.layout)
        """,
    ]
}
