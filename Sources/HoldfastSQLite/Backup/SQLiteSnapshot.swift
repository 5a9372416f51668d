import GRDB
import HoldfastStorage

/// Everything that a deployment holds, read in one transaction.
final class SQLiteSnapshot: StoreSnapshot {
    let deployment: Deployment
    private let connection: BackupConnection
    private let place: Place

    /// How far the reading has come.
    ///
    /// Unchecked: touched on the connection's queue only, which runs one block at a time.
    private final class Place: @unchecked Sendable {
        let number: Int64
        var rest = BackupTable.allCases[...]
        var rows: RowCursor?

        init(number: Int64) { self.number = number }
    }

    private init(_ deployment: Deployment, _ connection: BackupConnection, _ place: Place) {
        self.deployment = deployment
        self.connection = connection
        self.place = place
    }

    static func open(_ connection: BackupConnection, deployment name: String) async throws(StoreError) -> SQLiteSnapshot
    {
        do throws(StoreError) {
            let found = try await connection.perform { database in
                try database.beginTransaction(.deferred)
                // The first read fixes what is seen.
                try Layout.check(database, name)
                return try Layout.deployment(name, in: database)
            }
            return SQLiteSnapshot(found.deployment, connection, Place(number: found.number))
        } catch {
            await connection.close()
            throw error
        }
    }

    func next() async throws(StoreError) -> [BackupRow]? {
        try await connection.perform { [place] database in
            guard database.isInsideTransaction else { throw StoreError(.closed, "the snapshot was closed") }
            var page = BackupPage()
            while let table = place.rest.first, !page.isFull {
                let rows =
                    try place.rows
                    ?? Row.fetchCursor(
                        database.makeStatement(sql: Statements.exportRows(of: table)), arguments: [place.number])
                place.rows = rows
                while !page.isFull, let row = try rows.next() { page.append(Self.read(row, of: table)) }
                if page.isFull { break }
                place.rows = nil
                place.rest.removeFirst()
            }
            return page.list.isEmpty ? nil : page.list
        }
    }

    func close() async {
        _ = try? await connection.perform { [place] _ in place.rows = nil }
        await connection.close()
    }

    private static func read(_ row: Row, of table: BackupTable) -> BackupRow {
        let values: [BackupValue] = (0..<row.count).map { index in
            switch (row[index] as DatabaseValue).storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob([UInt8](data))
            }
        }
        return BackupRow(table, values)
    }
}
