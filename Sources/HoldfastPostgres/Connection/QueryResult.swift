internal import CHoldfastLibPQ
import HoldfastStorage

/// The rows of one statement, in binary format.
///
/// Unchecked: a `PGresult` is read-only once made and may be passed between threads (libpq manual, "Behavior in
/// Threaded Programs"); this value is its only owner.
final class QueryResult: @unchecked Sendable {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    var rows: some Sequence<Row> { (0..<PQntuples(result)).lazy.map { Row(result: self, index: $0) } }
    var first: Row? { PQntuples(result) > 0 ? Row(result: self, index: 0) : nil }
    /// What the statement was, `COMMIT` for example.
    var command: String { String(cString: PQcmdStatus(result)) }

    /// One row; a column is named by its position.
    struct Row {
        let result: QueryResult
        let index: Int32

        func optionalBytes(_ column: Int32) -> [UInt8]? {
            field(column).map { Array($0) }
        }

        func bytes(_ column: Int32) throws(StoreError) -> [UInt8] {
            guard let bytes = optionalBytes(column) else { throw unexpected(column) }
            return bytes
        }

        func optionalText(_ column: Int32) -> String? {
            field(column).map { String(decoding: $0, as: UTF8.self) }
        }

        func text(_ column: Int32) throws(StoreError) -> String {
            guard let text = optionalText(column) else { throw unexpected(column) }
            return text
        }

        func optionalInteger(_ column: Int32) throws(StoreError) -> Int64? {
            guard let field = field(column) else { return nil }
            guard field.count == 8 else { throw unexpected(column) }
            return Int64(bigEndian: field.loadUnaligned(as: Int64.self))
        }

        func integer(_ column: Int32) throws(StoreError) -> Int64 {
            guard let integer = try optionalInteger(column) else { throw unexpected(column) }
            return integer
        }

        func double(_ column: Int32) throws(StoreError) -> Double {
            guard let field = field(column), field.count == 8 else { throw unexpected(column) }
            return Double(bitPattern: UInt64(bigEndian: field.loadUnaligned(as: UInt64.self)))
        }

        /// False for NULL.
        func flag(_ column: Int32) -> Bool {
            field(column)?.first == 1
        }

        func optionalID(_ column: Int32) throws(StoreError) -> RandomID? {
            guard let field = field(column) else { return nil }
            guard let id = RandomID(bytes: field) else { throw unexpected(column) }
            return id
        }

        /// Lives as long as the result, which the row holds.
        private func field(_ column: Int32) -> UnsafeRawBufferPointer? {
            guard PQgetisnull(result.result, index, column) == 0 else { return nil }
            let count = Int(PQgetlength(result.result, index, column))
            return UnsafeRawBufferPointer(start: PQgetvalue(result.result, index, column), count: count)
        }

        private func unexpected(_ column: Int32) -> StoreError {
            let name = PQfname(result.result, column).map { String(cString: $0) } ?? "\(column)"
            return StoreError(.corrupt, "the column \(name) of a stored row has a value that no build writes")
        }
    }
}
