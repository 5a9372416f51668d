/// One value of a ``BackupRow``.
public enum BackupValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// One row of a backup, in a form that knows no database.
public struct BackupRow: Sendable, Equatable {
    /// What it is.
    public let table: BackupTable
    /// One for each of the table's columns.
    public package(set) var values: [BackupValue]

    package init(_ table: BackupTable, _ values: [BackupValue]) {
        self.table = table
        self.values = values
    }

    package subscript(_ column: String) -> BackupValue {
        get { values[table.index(of: column)] }
        set { values[table.index(of: column)] = newValue }
    }

    /// About how many bytes it takes.
    package var size: Int {
        values.reduce(16) { sum, value in
            switch value {
            case .null: sum + 1
            case .integer, .real: sum + 9
            case .text(let text): sum + 5 + text.utf8.count
            case .blob(let bytes): sum + 5 + bytes.count
            }
        }
    }

    /// Checks the values against the table's columns.
    ///
    /// - Throws: ``StoreError`` with code `corrupt`.
    package func validate() throws(StoreError) {
        let columns = table.columns
        guard values.count == columns.count else { throw Self.corrupt(table, "has \(values.count) values") }
        for (column, value) in zip(columns, values) {
            let fits: Bool =
                switch (column.kind, value) {
                case (_, .null): column.isNullable
                case (.integer, .integer), (.real, .real), (.text, .text), (.blob, .blob): true
                case (.id, .blob(let bytes)): bytes.count == 16
                case (.collection, .text(let name)): (try? CollectionName(name)) != nil
                case (.key, .blob(let bytes)): (try? Key(bytes: bytes)) != nil
                default: false
                }
            guard fits else { throw Self.corrupt(table, "has no such value for \(column.name)") }
        }
    }

    package static func corrupt(_ table: BackupTable, _ what: String) -> StoreError {
        StoreError(.corrupt, "a row of \(table.plural) in the backup \(what)")
    }

    // MARK: - Values that were validated

    package func integer(_ column: String) throws(StoreError) -> Int64 {
        guard case .integer(let number) = self[column] else { throw Self.corrupt(table, "lacks \(column)") }
        return number
    }

    package func optionalInteger(_ column: String) -> Int64? {
        if case .integer(let number) = self[column] { number } else { nil }
    }

    package func real(_ column: String) throws(StoreError) -> Double {
        guard case .real(let number) = self[column] else { throw Self.corrupt(table, "lacks \(column)") }
        return number
    }

    package func text(_ column: String) throws(StoreError) -> String {
        guard case .text(let text) = self[column] else { throw Self.corrupt(table, "lacks \(column)") }
        return text
    }

    package func optionalText(_ column: String) -> String? {
        if case .text(let text) = self[column] { text } else { nil }
    }

    package func bytes(_ column: String) throws(StoreError) -> [UInt8] {
        guard case .blob(let bytes) = self[column] else { throw Self.corrupt(table, "lacks \(column)") }
        return bytes
    }

    package func optionalBytes(_ column: String) -> [UInt8]? {
        if case .blob(let bytes) = self[column] { bytes } else { nil }
    }

    package func id(_ column: String) throws(StoreError) -> RandomID {
        guard let id = RandomID(bytes: try bytes(column)) else { throw Self.corrupt(table, "lacks \(column)") }
        return id
    }

    package func optionalID(_ column: String) -> RandomID? {
        optionalBytes(column).flatMap { RandomID(bytes: $0) }
    }

    /// The record that the row is of.
    package func record() throws(StoreError) -> RecordID {
        RecordID(
            collection: try CollectionName(try text("collection")), key: try Key(bytes: try bytes("key")))
    }
}

extension BackupValue {
    package init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }
    package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    package init(_ bytes: [UInt8]?) { self = bytes.map { .blob($0) } ?? .null }
    package init(_ id: RandomID?) { self = id.map { .blob($0.bytes) } ?? .null }
}
