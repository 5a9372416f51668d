import HoldfastStorage

/// What the verbs of backups tell of a file.
struct BackupReport {
    let file: String
    let summary: BackupSummary

    var fields: [(String, OutputValue)] {
        let deployment = summary.header.deployment
        return [
            ("file", .string(file)), ("deployment", .string(deployment.name)),
            ("id", .string(deployment.id.description)),
            ("createdAt", .time(summary.header.createdAtMillis)),
            ("storedBytes", .integer(Int64(summary.bytes))), ("sha256", .string(summary.digest)),
            ("schema", .integer(Int64(deployment.schema))), ("generation", .integer(deployment.generation)),
            (
                "rows",
                .object(
                    BackupTable.allCases.map { table in
                        OutputValue.Field(name: table.plural, value: .integer(Int64(summary.rows[table] ?? 0)))
                    })
            ),
        ]
    }

    /// One line for people.
    var text: String {
        let counts = BackupTable.allCases.compactMap { table in summary.rows[table].map { "\($0) \(table.plural)" } }
        let header = summary.header
        return "\(TerminalText.escaped(file)): deployment \(header.deployment.name) as of "
            + "\(Timestamp.text(millis: header.createdAtMillis)), \(summary.bytes) bytes, "
            + (counts.isEmpty ? "nothing in it" : counts.joined(separator: ", "))
    }
}
