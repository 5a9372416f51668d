import HoldfastStorage

// The statements of backups: every row of one deployment, out and in.
//
// Columns stand in the order of `BackupTable.columns`, which are named as the tables' are.

extension SQL {
    static let beginSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    /// For a transaction that spans several calls: 1 statement, 2 idle-in-transaction timeout.
    static let longSettings = """
        SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '10s', true),
          set_config('statement_timeout', $1::text, true),
          set_config('idle_in_transaction_session_timeout', $2::text, true),
          set_config('client_min_messages', 'warning', true), set_config('jit', 'off', true)
        """

    /// Opens a cursor over all rows of a table; 1 deployment.
    static func openRows(of table: BackupTable) -> String {
        let columns = table.columns.map { column in
            table == .batch && column.name == "refusals" ? "\(refusalPairs) AS refusals" : "t.\(column.name)"
        }
        let from =
            switch table {
            case .entry, .score:
                """
                holdfast.space s JOIN holdfast.\(table.sqlName) t ON t.space = s.number
                WHERE s.deployment = $1::bigint AND s.name IS NOT NULL
                """
            case .space: "holdfast.space t WHERE t.deployment = $1::bigint AND t.name IS NOT NULL"
            case .operation: "holdfast.operation t WHERE t.deployment = $1::bigint ORDER BY t.sequence"
            default: "holdfast.\(table.sqlName) t WHERE t.deployment = $1::bigint"
            }
        return """
            DECLARE holdfast_backup BINARY NO SCROLL CURSOR FOR
            SELECT \(columns.joined(separator: ", ")) FROM \(from)
            """
    }

    static func fetchRows(_ count: Int) -> String { "FETCH FORWARD \(count) FROM holdfast_backup" }
    static let closeRows = "CLOSE holdfast_backup"

    /// Positions and codes, a byte each, of what is stored as 8 x position + code.
    private static let refusalPairs = """
        (SELECT string_agg(
           set_byte(set_byte('\\x0000'::bytea, 0, (u.code / 8)::integer), 1, (u.code % 8)::integer), ''::bytea)
         FROM unnest(t.refused) AS u (code))
        """

    // MARK: - In

    /// The transaction's number, for ``sameTransaction``.
    static let transaction = "SELECT pg_current_xact_id()::text"

    /// Fails in any other transaction than 1: a connection that was lost and made again must not go on where it was.
    static let sameTransaction = """
        SELECT 1 / coalesce((pg_current_xact_id_if_assigned()::text = $1::text)::integer, 0)
        """

    /// Lets nobody else write until the transaction ends, and waits for those who do.
    ///
    /// All writers, since a row that is inserted meanwhile would stay. It gives up before the server has found that two
    /// wait for each other.
    static let holdWriters = [
        "SELECT set_config('lock_timeout', '500ms', true)",
        "LOCK TABLE \(BackupTable.allCases.map { "holdfast.\($0.sqlName)" }.joined(separator: ", ")) IN EXCLUSIVE MODE",
        "SELECT set_config('lock_timeout', '10s', true)",
    ]

    /// Everything that a deployment holds, remembered erasures excepted; 1 deployment, each.
    static let emptyDeployment = [
        "DELETE FROM holdfast.record t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.part t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.history t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.operation t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.decision t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.log_entry t USING holdfast.space s "
            + "WHERE t.space = s.number AND s.deployment = $1::bigint",
        "DELETE FROM holdfast.score t USING holdfast.space s WHERE t.space = s.number AND s.deployment = $1::bigint",
        "DELETE FROM holdfast.space t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.score_batch t WHERE t.deployment = $1::bigint",
        "DELETE FROM holdfast.definition t WHERE t.deployment = $1::bigint",
    ]

    /// Adds rows in their order: 1 deployment, then one array for each column.
    ///
    /// Of logs and score tables it returns the numbers here beside those in the backup.
    static func addRows(of table: BackupTable) -> String {
        var columns = table.columns
        let unnested = columns.enumerated().map { "$\($0 + 2)::\($1.arrayType)[]" }.joined(separator: ", ")
        let names = columns.map { "c_\($0.name)" }.joined(separator: ", ")
        let rows = "FROM unnest(\(unnested)) WITH ORDINALITY AS u (\(names), n)"
        if table == .space {
            return """
                WITH added AS (
                  INSERT INTO holdfast.space (deployment, kind, name, generation, last, count)
                  SELECT $1::bigint, u.c_kind, u.c_name, u.c_generation, u.c_last, u.c_count \(rows)
                  RETURNING number, kind, name
                )
                SELECT u.c_number, a.number \(rows) JOIN added a ON a.kind = u.c_kind AND a.name = u.c_name
                """
        }
        var values = columns.map { "u.c_\($0.name)" }
        var targets = columns.map(\.name)
        if table == .batch {
            targets[2] = "refused"
            values[2] = """
                (SELECT array_agg((get_byte(u.c_refusals, 2 * i) * 8 + get_byte(u.c_refusals, 2 * i + 1))::bigint)
                 FROM generate_series(0, length(u.c_refusals) / 2 - 1) AS i)
                """
        }
        columns.removeAll()
        if table.hasDeployment {
            targets.insert("deployment", at: 0)
            values.insert("$1::bigint", at: 0)
        } else {
            // Every statement is given the deployment.
            values[0] += " + 0 * $1::bigint"
        }
        // An erasure that the store remembers itself stays as it is.
        let conflict = table == .erasure ? "ON CONFLICT DO NOTHING" : ""
        return """
            INSERT INTO holdfast.\(table.sqlName) (\(targets.joined(separator: ", ")))
            SELECT \(values.joined(separator: ", ")) \(rows) ORDER BY u.n \(conflict)
            """
    }

    /// 1 deployment, 2 id, 3 generation, 4 lease, 5 renew and 6 beat milliseconds.
    static let identify = """
        UPDATE holdfast.deployment d SET id = $2::bytea, generation = $3::bigint, lease_millis = $4::bigint,
          renew_millis = $5::bigint, beat_millis = $6::bigint
        WHERE d.number = $1::bigint
        """
}

extension BackupColumn {
    /// The type of its values.
    fileprivate var arrayType: String {
        switch kind {
        case .integer: "bigint"
        case .real: "float8"
        case .text, .collection: "text"
        case .blob, .id, .key: "bytea"
        }
    }
}
