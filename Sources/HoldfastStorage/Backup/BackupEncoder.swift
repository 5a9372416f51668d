import Crypto

/// Makes the bytes of a backup, piece by piece.
struct BackupEncoder {
    private var hash = SHA256()
    private var bytes = 0
    private var counts: [BackupTable: Int] = [:]
    private let header: BackupHeader

    init(_ header: BackupHeader) {
        self.header = header
    }

    mutating func start() throws(StoreError) -> [UInt8] {
        add(BackupFormat.prologue + (try block(.header, header.document)))
    }

    mutating func page(_ rows: [BackupRow]) throws(StoreError) -> [UInt8] {
        var body: [UInt8] = []
        for row in rows {
            BackupRowCodec.append(row, to: &body)
            counts[row.table, default: 0] += 1
        }
        guard body.count <= BackupFormat.maximumBlock else {
            throw StoreError(.internalError, "a page of \(body.count) bytes does not fit a block of the backup")
        }
        return add(try BackupFormat.block(.rows, body))
    }

    mutating func finish() throws(StoreError) -> (bytes: [UInt8], summary: BackupSummary) {
        let digest = hash.finalize().hex
        let footer: JSONValue = [
            "rows": .object(
                counts.reduce(into: JSONObject()) { $0["\($1.key.rawValue)"] = .integer(Int64($1.value)) }),
            "sha256": .string(digest),
        ]
        let last = try block(.footer, footer)
        return (
            last, BackupSummary(header: header, rows: counts, bytes: bytes + last.count, digest: digest)
        )
    }

    private func block(_ kind: BackupFormat.BlockKind, _ document: JSONValue) throws(StoreError) -> [UInt8] {
        let body: [UInt8]
        do {
            body = try CanonicalJSON.write(document)
        } catch {
            throw StoreError(.internalError, "a backup cannot be described", underlying: error)
        }
        return try BackupFormat.block(kind, body)
    }

    private mutating func add(_ piece: [UInt8]) -> [UInt8] {
        hash.update(data: piece)
        bytes += piece.count
        return piece
    }
}
