import Foundation
import GRDB
import HoldfastStorage
import Synchronization

/// What is to take the place of a deployment's rows, inside one transaction.
final class SQLiteReplacement: StoreReplacement {
    private let connection: BackupConnection
    private let deployment: Int64
    /// The numbers of logs and score tables here, by those in the backup.
    private let spaces = Mutex<[Int64: Int64]>([:])

    private init(_ connection: BackupConnection, _ deployment: Int64) {
        self.connection = connection
        self.deployment = deployment
    }

    static func begin(_ connection: BackupConnection, deployment: Int64) async throws(StoreError) -> SQLiteReplacement {
        do throws(StoreError) {
            try await connection.perform { database in
                try database.beginTransaction(.immediate)
                try DatabaseFile.checkPlace(of: database)
                for statement in Statements.emptyDeployment { try database.run(statement, [deployment]) }
            }
        } catch {
            await connection.close()
            throw error
        }
        return SQLiteReplacement(connection, deployment)
    }

    func add(_ rows: [BackupRow]) async throws(StoreError) {
        try await connection.perform { database in
            guard database.isInsideTransaction else { throw StoreError(.closed, "the restore has ended") }
            for row in rows { try self.add(row, database) }
        }
    }

    private func add(_ row: BackupRow, _ database: Database) throws {
        var values = row.values.map(\.databaseValue)
        switch row.table {
        case .space: values.removeFirst()
        case .entry, .score:
            let number = try row.integer("space")
            guard let here = spaces.withLock({ $0[number] }) else {
                throw BackupRow.corrupt(row.table, "belongs to no log or score table")
            }
            values[0] = here.databaseValue
        default: break
        }
        if row.table.hasDeployment { values.insert(deployment.databaseValue, at: 0) }
        do {
            try database.run(Statements.importRow[row.table]!, StatementArguments(values))
        } catch let error as DatabaseError {
            guard error.resultCode == .SQLITE_CONSTRAINT else { throw error }
            throw StoreError(.corrupt, "a row of \(row.table.plural) in the backup cannot be stored", underlying: error)
        }
        if row.table == .space {
            let number = try row.integer("number")
            let here = database.lastInsertedRowID
            spaces.withLock { $0[number] = here }
        }
    }

    func commit(_ identity: RestoredIdentity) async throws(StoreError) {
        try await connection.perform { [deployment] database in
            guard database.isInsideTransaction else { throw StoreError(.closed, "the restore has ended") }
            let timings = identity.timings
            try database.run(
                Statements.identify,
                [
                    identity.id.data, identity.generation, timings.leaseMillis, timings.renewMillis,
                    timings.beatMillis, deployment,
                ])
            do {
                try database.commit()
            } catch {
                throw StoreError(failedCommit: error)
            }
        }
        await connection.close()
    }

    func abandon() async {
        await connection.close()
    }

    /// Nobody but this process commits it, and the rollback comes after the commit.
    var isFinalOnceAbandoned: Bool { true }
}

extension BackupValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
