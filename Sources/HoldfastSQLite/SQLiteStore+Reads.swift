import Foundation
import GRDB
public import HoldfastStorage

// Records, as they stand.

extension SQLiteStore {
    /// Reads on the second connection, so that it does not queue behind commits.
    public func read(_ id: RecordID) async throws(StoreError) -> HoldfastStorage.Record? {
        let deployment = try await number()
        return try await read { database in
            try database.first(Statements.row, id.arguments(deployment)) { reader in
                let row = try StoredRow(&reader)
                return HoldfastStorage.Record(
                    id: id, version: row.state.version, fence: row.state.fence, owner: row.state.owner,
                    saveID: row.state.saveID, content: row.content, createdAtMillis: row.createdAtMillis,
                    updatedAtMillis: row.updatedAtMillis
                )
            }
        }
    }

    /// Reads on from the cursor in the order of the keys, past tombstones.
    public func list(
        _ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int
    ) async throws(StoreError) -> [RecordSummary] {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number()
        let after = after.flatMap { $0.bytes.lexicographicallyPrecedes(prefix) ? nil : $0 }
        return try await read { database in
            try database.all(
                after == nil ? Statements.listFrom : Statements.listAfter,
                [
                    deployment, collection.description, Data(after?.bytes ?? prefix), Data(Self.end(of: prefix)),
                    limit,
                ]
            ) { reader in
                let key = try reader.bytes()
                guard let key = try? Key(bytes: key) else { throw reader.unexpected() }
                return RecordSummary(
                    key: key, version: try reader.int64(), schema: try reader.int(), storedBytes: try reader.int(),
                    documentBytes: try reader.int(), updatedAtMillis: try reader.int64()
                )
            }
        }
    }

    /// Reads the rows of all four tables that belong to the collection, but no payloads.
    public func totals(of collection: CollectionName) async throws(StoreError) -> CollectionTotals {
        let scope: StatementArguments = [try await number(for: .history), collection.description]
        return try await read { database in
            try database.first(Statements.totals, scope) { row in
                CollectionTotals(
                    records: try row.int(), documentBytes: try row.int(), storedBytes: try row.int(),
                    largestDocumentBytes: try row.int(), parts: try row.int(), partBytes: try row.int(),
                    versions: try row.int(), versionBytes: try row.int(), pendingOperations: try row.int())
            } ?? CollectionTotals()
        }
    }

    /// Counts the saved rows of the whole deployment.
    public func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
        let deployment = try await number()
        return try await read { database in
            try database.all(Statements.collections, [deployment]) { reader in
                let name = try reader.text()
                guard let name = try? CollectionName(name) else { throw reader.unexpected() }
                return (name: name, records: try reader.int())
            }
        }
    }
}
