/// Rows as bytes: the table's number, the number of values, then each value behind its tag; lengths come before bytes.
///
/// All numbers are big-endian.
enum BackupRowCodec {
    private enum Tag {
        static let null: UInt8 = 0, integer: UInt8 = 1, real: UInt8 = 2, text: UInt8 = 3, blob: UInt8 = 4
    }

    static func append(_ row: BackupRow, to bytes: inout [UInt8]) {
        bytes.append(row.table.rawValue)
        bytes.append(UInt8(row.values.count))
        for value in row.values {
            switch value {
            case .null: bytes.append(Tag.null)
            case .integer(let number):
                bytes.append(Tag.integer)
                bytes.appendBigEndian(number)
            case .real(let number):
                bytes.append(Tag.real)
                bytes.appendBigEndian(number.bitPattern)
            case .text(let text):
                bytes.append(Tag.text)
                bytes.appendBigEndian(UInt32(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            case .blob(let blob):
                bytes.append(Tag.blob)
                bytes.appendBigEndian(UInt32(blob.count))
                bytes.append(contentsOf: blob)
            }
        }
    }

    /// Reads and checks all rows of a block.
    ///
    /// - Throws: ``StoreError``: `corrupt`; `newerSchema` for a table that this build does not know.
    static func rows(in bytes: [UInt8]) throws(StoreError) -> [BackupRow] {
        var reader = ByteReader(bytes)
        var rows: [BackupRow] = []
        while !reader.isAtEnd {
            let number = try reader.byte()
            guard let table = BackupTable(rawValue: number) else {
                throw StoreError(
                    .newerSchema, "the backup has rows of a kind, \(number), that this build does not know")
            }
            var values: [BackupValue] = []
            for _ in 0..<(try reader.byte()) { values.append(try value(&reader)) }
            guard values.count <= table.columns.count else {
                throw StoreError(.newerSchema, "the backup has \(table.plural) with more than this build knows of")
            }
            // A build from before the last columns wrote it.
            while values.count < table.columns.count { values.append(.null) }
            let row = BackupRow(table, values)
            try row.validate()
            rows.append(row)
        }
        return rows
    }

    private static func value(_ reader: inout ByteReader) throws(StoreError) -> BackupValue {
        switch try reader.byte() {
        case Tag.null: return .null
        case Tag.integer: return .integer(Int64(bitPattern: try reader.bigEndian(UInt64.self)))
        case Tag.real: return .real(Double(bitPattern: try reader.bigEndian(UInt64.self)))
        case Tag.text:
            let count = Int(try reader.bigEndian(UInt32.self))
            guard let text = String(validating: try reader.bytes(count), as: UTF8.self) else {
                throw StoreError(.corrupt, "a text in the backup is no UTF-8")
            }
            return .text(text)
        case Tag.blob:
            let count = Int(try reader.bigEndian(UInt32.self))
            return .blob(Array(try reader.bytes(count)))
        default: throw StoreError(.corrupt, "a value in the backup is of no known kind")
        }
    }
}

/// Walks through bytes and never past their end.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws(StoreError) -> UInt8 {
        guard let byte = rest.popFirst() else { throw Self.short }
        return byte
    }

    mutating func bytes(_ count: Int) throws(StoreError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw Self.short }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) throws(StoreError) -> Number {
        try bytes(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number($1) }
    }

    private static var short: StoreError { StoreError(.corrupt, "the backup ends in the middle of a value") }
}

extension [UInt8] {
    mutating func appendBigEndian(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
