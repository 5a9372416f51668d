import Foundation
import GRDB
import HoldfastStorage

// Whose data the records hold, and its erasure.

extension SQLiteStore {
    /// Finds candidates by the index of people, which triggers keep, and asks each record.
    public func records(
        ofUser userID: String, after: RecordID?, limit: Int
    ) async throws(StoreError) -> [RecordID] {
        try DurableStoreLimits.checkPage(limit)
        try Erasure.validate(userID: userID)
        let deployment = try await number(for: .history)
        // The index ends a name at its first NUL.
        let indexed = Data(userID.utf8.prefix { $0 != 0 })
        let start: StatementArguments = [
            deployment, indexed, after?.collection.description ?? "", Data(after?.key.bytes ?? []),
        ]
        return try await read { database in
            try database.first(limit, Statements.recordsOfUser, start) { row in
                let (collection, key) = (try row.text(), try row.bytes())
                guard let collection = try? CollectionName(collection), let key = try? Key(bytes: key),
                    let userIDs = Content.userIDs(fromText: try row.text())
                else { throw row.unexpected() }
                guard userIDs.contains(where: { $0.utf8.elementsEqual(userID.utf8) }) else { return nil }
                return RecordID(collection: collection, key: key)
            }
        }
    }

    /// Removes everything in one immediate transaction; a world of many parts holds the file's lock meanwhile.
    public func erase(_ id: RecordID) async throws(StoreError) -> Bool {
        let record = id.arguments(try await number(for: .history))
        let now = now()
        return try await transaction(.immediate) { database in
            var rows = try database.run(Statements.removeHistory, record)
            rows += try database.run(Statements.removeParts, record)
            rows += try database.run(Statements.eraseOperations, [now] + record)
            rows += try database.run(Statements.eraseRecord, [RandomID.random().data, now] + record)
            return rows > 0
        }
    }

    /// Takes whatever holds the id's letters for a candidate and asks its list; one immediate transaction.
    public func eraseHistory(ofUser userID: String, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        try Erasure.validate(userID: userID)
        let deployment = try await number(for: .history)
        // As the column spells it, without the brackets of the list.
        let spelled = String(Content.text(ofUserIDs: [userID]).dropFirst().dropLast())
        return try await transaction(.immediate) { database in
            let rows = try database.first(limit, Statements.historyOfUser, [deployment, spelled]) { row in
                let number = try row.int64()
                guard let userIDs = Content.userIDs(fromText: try row.text()) else { throw row.unexpected() }
                return userIDs.contains { $0.utf8.elementsEqual(userID.utf8) } ? number : nil
            }
            for row in rows { try database.run(Statements.eraseVersion, [row]) }
            return rows.count
        }
    }

    /// Inserts in an immediate transaction of its own.
    public func rememberErasure(ofUser userID: String) async throws(StoreError) {
        try Erasure.validate(userID: userID)
        let deployment = try await number(for: .history)
        let now = now()
        _ = try await transaction(.immediate) { database in
            try database.run(Statements.rememberErasure, [deployment, Data(userID.utf8), now])
        }
    }

    /// Reads on from the cursor in the order of the user ids.
    public func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure] {
        try DurableStoreLimits.checkPage(limit)
        let deployment = try await number(for: .history)
        let start = Data((userID ?? "").utf8)
        return try await read { database in
            try database.all(Statements.erasures, [deployment, start, limit]) { row in
                guard let userID = String(validating: try row.bytes(), as: UTF8.self) else { throw row.unexpected() }
                return Erasure(userID: userID, rememberedAtMillis: try row.int64())
            }
        }
    }

    /// Reads one row of the verdicts.
    public func verdict(of trade: RandomID) async throws(StoreError) -> Decision.Verdict? {
        let deployment = try await number(for: .history)
        return try await read { database in try database.verdict(of: trade, deployment) }
    }
}

extension Database {
    /// The verdict that stands on a trade.
    func verdict(of trade: RandomID, _ deployment: Int64) throws -> Decision.Verdict? {
        try first(Statements.decision, [deployment, trade.data]) { row in
            guard let verdict = Decision.Verdict(rawValue: try row.text()) else { throw row.unexpected() }
            return verdict
        }
    }

    /// Reads rows until that many were taken; `read` passes one over with nil.
    fileprivate func first<Value>(
        _ limit: Int, _ sql: String, _ arguments: StatementArguments, _ read: (inout RowReader) throws -> Value?
    ) throws -> [Value] {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var values: [Value] = []
        while values.count < limit, let row = try rows.next() {
            var reader = RowReader(row)
            if let value = try read(&reader) { values.append(value) }
        }
        return values
    }
}
