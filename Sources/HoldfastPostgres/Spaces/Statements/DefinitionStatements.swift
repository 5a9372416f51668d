extension SQL {
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
}
