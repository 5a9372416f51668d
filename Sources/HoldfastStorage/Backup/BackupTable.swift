/// What kind of thing a row of a backup is.
///
/// The numbers are part of the file format. Rows come in the order of ``allCases``: erasures before the people's data,
/// logs and score tables before what is in them.
public enum BackupTable: UInt8, Sendable, CaseIterable {
    /// A person whose erasure is remembered.
    case erasure = 1
    /// A record with its fence, its owner and its content.
    case record = 2
    /// A separately stored piece of a record.
    case part = 3
    /// A kept version of a record.
    case history = 4
    /// An operation or its receipt, in order of delivery.
    case operation = 5
    /// The verdict of a trade.
    case decision = 6
    /// A log or a score table.
    case space = 7
    /// An entry of a log.
    case entry = 8
    /// A member of a score table.
    case score = 9
    /// A batch of scores that is remembered so that it counts once.
    case batch = 10
    /// A definition.
    case definition = 11

    /// The columns of its rows, in order; new ones are only ever added at the end, and may be null.
    package var columns: [BackupColumn] { Self.layout[Int(rawValue) - 1] }

    private static let layout = allCases.map(\.definedColumns)

    private var definedColumns: [BackupColumn] {
        switch self {
        case .erasure: [.init("user_id", .blob), .init("remembered_at", .integer)]
        case .record:
            BackupColumn.record + [
                .init("version", .integer), .init("fence", .integer), .init("owner_nonce", .id, isNullable: true),
                .init("owner_server", .text, isNullable: true), .init("owner_boot", .id, isNullable: true),
                .init("save_id", .id, isNullable: true), .init("created_at", .integer), .init("updated_at", .integer),
                .init("schema", .integer, isNullable: true), .init("checksum", .integer, isNullable: true),
                .init("document_bytes", .integer, isNullable: true), .init("user_ids", .text, isNullable: true),
                .init("metadata", .blob, isNullable: true), .init("payload", .blob, isNullable: true),
            ]
        case .part:
            BackupColumn.record + [
                .init("name", .blob), .init("version", .integer), .init("checksum", .integer), .init("payload", .blob),
            ]
        case .history:
            BackupColumn.record + [
                .init("version", .integer), .init("schema", .integer), .init("checksum", .integer),
                .init("document_bytes", .integer), .init("updated_at", .integer), .init("replaced_at", .integer),
                .init("deletion", .integer), .init("reason", .text, isNullable: true), .init("user_ids", .text),
                .init("metadata", .blob, isNullable: true), .init("payload", .blob),
            ]
        case .operation:
            BackupColumn.record + [
                .init("id", .blob), .init("type", .text), .init("payload", .blob), .init("state", .text),
                .init("attempts", .integer), .init("last_error", .text, isNullable: true),
                .init("delivered_at", .integer), .init("finished_at", .integer, isNullable: true),
                .init("expires_at", .integer, isNullable: true), .init("due_at", .integer, isNullable: true),
                .init("progress", .blob, isNullable: true),
            ]
        case .decision: [.init("trade", .id), .init("verdict", .text), .init("decided_at", .integer)]
        case .space:
            [
                .init("number", .integer), .init("kind", .integer), .init("name", .blob), .init("generation", .id),
                .init("last", .integer), .init("count", .integer),
            ]
        case .entry:
            [
                .init("space", .integer), .init("sequence", .integer), .init("id", .id), .init("priority", .real),
                .init("created_at", .integer), .init("expires_at", .integer, isNullable: true), .init("value", .blob),
            ]
        case .score:
            [
                .init("space", .integer), .init("member", .blob), .init("score", .integer),
                .init("subscore", .integer), .init("submissions", .integer), .init("change", .integer),
                .init("reached", .integer), .init("record_version", .integer, isNullable: true),
                .init("updated_at", .integer), .init("removed", .integer), .init("metadata", .blob, isNullable: true),
            ]
        case .batch: [.init("id", .id), .init("created_at", .integer), .init("refusals", .blob, isNullable: true)]
        case .definition:
            [
                .init("name", .blob), .init("version", .integer), .init("updated_at", .integer),
                .init("value", .blob, isNullable: true),
            ]
        }
    }

    /// The name of its table in both databases.
    package var sqlName: String {
        switch self {
        case .entry: "log_entry"
        case .batch: "score_batch"
        default: "\(self)"
        }
    }

    /// Whether its rows name the deployment; the others belong to a log or a score table.
    package var hasDeployment: Bool { self != .entry && self != .score }

    /// The position of a column; it must be one of ``columns``.
    package func index(of name: String) -> Int {
        guard let index = columns.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("\(self) has no column \(name)")
        }
        return index
    }

    /// What it is called in reports, `records` for example.
    public var plural: String {
        switch self {
        case .erasure: "erasures"
        case .record: "records"
        case .part: "parts"
        case .history: "versions"
        case .operation: "operations"
        case .decision: "decisions"
        case .space: "spaces"
        case .entry: "entries"
        case .score: "scores"
        case .batch: "batches"
        case .definition: "definitions"
        }
    }
}

/// One column of the rows of a ``BackupTable``.
package struct BackupColumn: Sendable {
    /// What its values are.
    package enum Kind: Sendable {
        case integer, real, text, blob
        /// Sixteen bytes.
        case id
        /// The name of a collection.
        case collection
        /// The key of a record.
        case key
    }

    package let name: String
    package let kind: Kind
    package let isNullable: Bool

    package init(_ name: String, _ kind: Kind, isNullable: Bool = false) {
        self.name = name
        self.kind = kind
        self.isNullable = isNullable
    }

    /// The two that name a record.
    fileprivate static let record = [BackupColumn("collection", .collection), BackupColumn("key", .key)]
}
