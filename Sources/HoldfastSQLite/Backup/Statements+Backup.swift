import HoldfastStorage

// The statements of backups: every row of one deployment, out and in.
//
// Columns stand in the order of `BackupTable.columns`, which are named as the tables' are.

extension Statements {
    /// Reads all rows; the one argument is the deployment.
    static func exportRows(of table: BackupTable) -> String {
        let columns = table.columns.map(\.name)
        switch table {
        case .entry, .score:
            let list = columns.map { "t.\($0)" }.joined(separator: ", ")
            return """
                SELECT \(list) FROM space s JOIN \(table.sqlName) t ON t.space = s.number
                WHERE s.deployment = ? AND s.name IS NOT NULL
                """
        case .space:
            return "SELECT \(columns.joined(separator: ", ")) FROM space WHERE deployment = ? AND name IS NOT NULL"
        case .operation:
            return "SELECT \(columns.joined(separator: ", ")) FROM operation WHERE deployment = ? ORDER BY sequence"
        default: return "SELECT \(columns.joined(separator: ", ")) FROM \(table.sqlName) WHERE deployment = ?"
        }
    }

    /// Adds a row; the deployment comes first where the table has one.
    static let importRow: [BackupTable: String] = Dictionary(
        uniqueKeysWithValues: BackupTable.allCases.map { ($0, importRow(of: $0)) })

    private static func importRow(of table: BackupTable) -> String {
        var columns = table.columns.map(\.name)
        if table == .space { columns.removeFirst() }
        if table.hasDeployment { columns.insert("deployment", at: 0) }
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        // An erasure that the store remembers itself stays as it is.
        let verb = table == .erasure ? "INSERT OR IGNORE" : "INSERT"
        return "\(verb) INTO \(table.sqlName) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }

    /// Everything that a deployment holds, remembered erasures excepted; each takes the deployment.
    static let emptyDeployment = [
        "DELETE FROM record_user WHERE deployment = ?", "DELETE FROM part WHERE deployment = ?",
        "DELETE FROM history WHERE deployment = ?", "DELETE FROM operation WHERE deployment = ?",
        "DELETE FROM record WHERE deployment = ?", "DELETE FROM decision WHERE deployment = ?",
        "DELETE FROM log_entry WHERE space IN (SELECT number FROM space WHERE deployment = ?)",
        "DELETE FROM score WHERE space IN (SELECT number FROM space WHERE deployment = ?)",
        "DELETE FROM space WHERE deployment = ?", "DELETE FROM score_batch WHERE deployment = ?",
        "DELETE FROM definition WHERE deployment = ?",
    ]
    static let identify = """
        UPDATE deployment SET id = ?, generation = ?, lease_millis = ?, renew_millis = ?, beat_millis = ?
        WHERE number = ?
        """
}
