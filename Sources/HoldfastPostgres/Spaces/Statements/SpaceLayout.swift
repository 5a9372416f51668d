extension SQL {
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
