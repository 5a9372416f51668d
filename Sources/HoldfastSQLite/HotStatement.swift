import GRDB
import GRDBSQLite
import HoldfastStorage

/// A prepared statement driven by SQLite's own calls, so that a loop over many rows allocates nothing for each.
///
/// Large bytes are not copied: they live in the closure of ``withBytes(_:at:_:)``, inside which the statement runs.
struct HotStatement {
    private let database: Database
    /// Owns the handle; the database keeps it for the next group.
    private let statement: Statement
    private let handle: OpaquePointer

    init(_ sql: String, in database: Database) throws {
        self.database = database
        self.statement = try database.cachedStatement(sql: sql)
        self.handle = statement.sqliteStatement
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Binds to the parameter with that number, counted from 1.
    func bind(_ number: Int64?, at index: Int32) {
        if let number { sqlite3_bind_int64(handle, index, number) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ number: Double, at index: Int32) { sqlite3_bind_double(handle, index, number) }

    func bind(_ id: RandomID, at index: Int32) {
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { buffer in
            _ = sqlite3_bind_blob(handle, index, buffer.baseAddress, Int32(buffer.count), Self.copied)
        }
    }

    /// Binds a few bytes, of which SQLite keeps a copy; nil is NULL.
    func bind(copying bytes: [UInt8]?, at index: Int32) {
        guard let bytes else {
            sqlite3_bind_null(handle, index)
            return
        }
        bytes.withUnsafeBytes { buffer in
            _ =
                if let base = buffer.baseAddress {
                    sqlite3_bind_blob(handle, index, base, Int32(buffer.count), Self.copied)
                } else {
                    sqlite3_bind_zeroblob(handle, index, 0)
                }
        }
    }

    /// Binds a short text, of which SQLite keeps a copy; nil is NULL.
    func bind(copying text: String?, at index: Int32) {
        guard var text else {
            sqlite3_bind_null(handle, index)
            return
        }
        text.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                _ = sqlite3_bind_text(handle, index, buffer.baseAddress, Int32(buffer.count), Self.copied)
            }
        }
    }

    /// Tells SQLite to copy what it is given: its constant is a macro that Swift does not see.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// Binds bytes for the time of `body`; nil is NULL.
    func withBytes<Result>(_ bytes: [UInt8]?, at index: Int32, _ body: () throws -> Result) throws -> Result {
        guard let bytes else {
            sqlite3_bind_null(handle, index)
            return try body()
        }
        return try bytes.withUnsafeBytes { buffer in
            if let base = buffer.baseAddress {
                sqlite3_bind_blob(handle, index, base, Int32(buffer.count), nil)
            } else {
                sqlite3_bind_zeroblob(handle, index, 0)
            }
            defer { sqlite3_bind_null(handle, index) }
            return try body()
        }
    }

    /// Runs a statement that gives no rows; returns how many it changed.
    @discardableResult
    func run() throws -> Int {
        defer { sqlite3_reset(handle) }
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE else { throw error(code) }
        return Int(sqlite3_changes(database.sqliteConnection))
    }

    /// Reads the first row that the statement gives, or nil.
    func first<Result>(_ read: (Columns) throws -> Result) throws -> Result? {
        defer { sqlite3_reset(handle) }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return try read(Columns(handle: handle))
        case SQLITE_DONE: return nil
        case let code: throw error(code)
        }
    }

    private func error(_ code: Int32) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
    }

    /// The columns of the row that a statement stands at, counted from 0; STRICT tables vouch for their types.
    struct Columns {
        fileprivate let handle: OpaquePointer

        func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

        func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

        func bytes(_ column: Int32) -> [UInt8] {
            let count = Int(sqlite3_column_bytes(handle, column))
            guard count > 0, let base = sqlite3_column_blob(handle, column) else { return [] }
            return [UInt8](UnsafeRawBufferPointer(start: base, count: count))
        }

        func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

        private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    }
}
