import Foundation
import GRDB
import HoldfastStorage

/// Reads the columns of one row from left to right; a column of another kind is corruption, not a trap.
struct RowReader {
    private let row: Row
    private var column = 0

    init(_ row: Row) {
        self.row = row
    }

    mutating func int64() throws -> Int64 {
        guard let number = try optionalInt64() else { throw unexpected() }
        return number
    }

    mutating func int() throws -> Int {
        Int(try int64())
    }

    mutating func double() throws -> Double {
        guard case .double(let number) = next() else { throw unexpected() }
        return number
    }

    mutating func text() throws -> String {
        guard let text = try optionalText() else { throw unexpected() }
        return text
    }

    mutating func bytes() throws -> [UInt8] {
        guard let bytes = try optionalBytes() else { throw unexpected() }
        return bytes
    }

    mutating func randomID() throws -> RandomID {
        guard let id = try optionalRandomID() else { throw unexpected() }
        return id
    }

    mutating func optionalInt64() throws -> Int64? {
        switch next() {
        case .int64(let number): number
        case .null: nil
        default: throw unexpected()
        }
    }

    mutating func optionalText() throws -> String? {
        switch next() {
        case .string(let text): text
        case .null: nil
        default: throw unexpected()
        }
    }

    mutating func optionalBytes() throws -> [UInt8]? {
        switch next() {
        case .blob(let data): [UInt8](data)
        case .null: nil
        default: throw unexpected()
        }
    }

    mutating func optionalRandomID() throws -> RandomID? {
        guard let bytes = try optionalBytes() else { return nil }
        guard let id = RandomID(bytes: bytes) else { throw unexpected() }
        return id
    }

    /// Nonce, server and boot: all there or none.
    mutating func owner() throws -> Owner? {
        let (nonce, server, boot) = (try optionalRandomID(), try optionalText(), try optionalRandomID())
        switch (nonce, server, boot) {
        case (let nonce?, let server?, let boot?): return Owner(nonce: nonce, server: server, boot: boot)
        case (nil, nil, nil): return nil
        default: throw unexpected()
        }
    }

    /// Version, fence, owner and save id, in that order.
    mutating func rowState() throws -> RowState {
        RowState(version: try int64(), fence: try int64(), owner: try owner(), saveID: try optionalRandomID())
    }

    /// Collection and key.
    mutating func record() throws -> RecordID {
        let (name, bytes) = (try text(), try bytes())
        guard let collection = try? CollectionName(name), let key = try? Key(bytes: bytes) else { throw unexpected() }
        return RecordID(collection: collection, key: key)
    }

    /// The columns of an operation behind its record; `now` is when they were read.
    mutating func operation(of record: RecordID, _ now: Int64) throws -> OperationRecord {
        guard let name = String(validating: try bytes(), as: UTF8.self), let id = try? OperationID(name) else {
            throw unexpected()
        }
        let (type, payload) = (try text(), try bytes())
        guard let state = OperationState(rawValue: try text()) else { throw unexpected() }
        return OperationRecord(
            record: record, id: id, type: type, payload: payload, state: state, attempts: try int(),
            lastError: try optionalText(), sequence: try int64(), deliveredAtMillis: try int64(),
            finishedAtMillis: try optionalInt64(), expiresAtMillis: try optionalInt64(),
            dueAtMillis: try optionalInt64(), progress: try optionalBytes(), readAtMillis: now
        )
    }

    func unexpected() -> StoreError {
        StoreError(.corrupt, "column \(column) of a row holds what no version of the layout puts there")
    }

    private mutating func next() -> DatabaseValue.Storage {
        defer { column += 1 }
        return (row[column] as DatabaseValue).storage
    }
}

extension Database {
    /// Reads the first row that a statement gives, or nil.
    func first<Value>(
        _ sql: String, _ arguments: StatementArguments = [], _ read: (inout RowReader) throws -> Value
    ) throws -> Value? {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        return try rows.next().map { row in
            var reader = RowReader(row)
            return try read(&reader)
        }
    }

    /// Reads every row that a statement gives.
    func all<Value>(
        _ sql: String, _ arguments: StatementArguments = [], _ read: (inout RowReader) throws -> Value
    ) throws -> [Value] {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var values: [Value] = []
        while let row = try rows.next() {
            var reader = RowReader(row)
            values.append(try read(&reader))
        }
        return values
    }

    /// Runs a statement that gives no rows; returns how many it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }
}

extension RecordID {
    /// The arguments that name a record: deployment, collection, key.
    func arguments(_ deployment: Int64) -> StatementArguments {
        [deployment, collection.description, Data(key.bytes)]
    }
}

extension RandomID {
    /// The sixteen bytes as SQLite takes them.
    var data: Data { Data(bytes) }
}
