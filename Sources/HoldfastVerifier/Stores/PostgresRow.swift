import CHoldfastLibPQ

/// One row in binary form: integers big-endian, bytea and text as they are.
///
/// Valid during its visit only.
struct PostgresRow {
    private let result: OpaquePointer

    init(result: OpaquePointer) {
        self.result = result
    }

    /// A column's bytes; nil for NULL.
    func bytes(_ column: Int32) -> [UInt8]? {
        guard PQgetisnull(result, 0, column) == 0, let value = PQgetvalue(result, 0, column) else { return nil }
        return Array(UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(result, 0, column))))
    }

    /// A `bigint`; nil for NULL.
    func optionalInteger(_ column: Int32) throws(VerifierError) -> Int64? {
        guard let bytes = bytes(column) else { return nil }
        guard bytes.count == 8 else {
            throw VerifierError(.unreadableStore, "column \(column) has \(bytes.count) bytes, not those of a bigint")
        }
        return Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// A `bigint` that is never NULL.
    func integer(_ column: Int32) throws(VerifierError) -> Int64 {
        guard let value = try optionalInteger(column) else {
            throw VerifierError(.unreadableStore, "column \(column) is NULL")
        }
        return value
    }

    /// A `text`; empty for NULL.
    func text(_ column: Int32) -> String {
        String(decoding: bytes(column) ?? [], as: UTF8.self)
    }

    /// An id of 16 bytes; nil for NULL.
    func randomID(_ column: Int32) -> RandomID? {
        bytes(column).flatMap { RandomID(bytes: $0) }
    }
}
