import Crypto

/// Reads a backup from its beginning, and vouches for it once the end was reached.
struct BackupDecoder {
    /// What the file says of itself.
    let header: BackupHeader
    /// Known at the end.
    private(set) var summary: BackupSummary?
    private let source: (Int) throws(StoreError) -> [UInt8]
    private var hash = SHA256()
    private var bytes = 0
    private var counts: [BackupTable: Int] = [:]
    private var lastTable = BackupTable.allCases[0]

    /// Reads the beginning.
    ///
    /// - Parameter source: Gives that many bytes, and fewer only at the end.
    /// - Throws: ``StoreError``: `corrupt`, `newerSchema`.
    init(_ source: @escaping (Int) throws(StoreError) -> [UInt8]) throws(StoreError) {
        self.source = source
        let prologue = try source(BackupFormat.prologue.count)
        guard prologue.starts(with: BackupFormat.magic), prologue.count == BackupFormat.prologue.count else {
            throw StoreError(.corrupt, "this is no backup file")
        }
        guard prologue == BackupFormat.prologue else {
            throw StoreError(.newerSchema, "the backup has a format that this build does not know")
        }
        guard let first = try Self.block(source), first.kind == .header else {
            throw StoreError(.corrupt, "the backup has no header")
        }
        header = try BackupHeader(try Self.document(first.body))
        hash.update(data: prologue)
        hash.update(data: first.raw)
        bytes = prologue.count + first.raw.count
    }

    /// The next rows; nil at the end, which is complete and as it was written then.
    ///
    /// - Throws: ``StoreError``: `corrupt`, `newerSchema`.
    mutating func next() throws(StoreError) -> [BackupRow]? {
        guard summary == nil else { return nil }
        guard let block = try Self.block(source) else {
            throw StoreError(.corrupt, "the backup ends before its footer: it was cut off")
        }
        bytes += block.raw.count
        switch block.kind {
        case .header: throw StoreError(.corrupt, "the backup has two headers")
        case .footer:
            try finish(try Self.document(block.body))
            return nil
        case .rows:
            hash.update(data: block.raw)
            let rows = try BackupRowCodec.rows(in: block.body)
            for row in rows {
                guard row.table.position >= lastTable.position else {
                    throw StoreError(.corrupt, "the rows of the backup are out of order")
                }
                lastTable = row.table
                counts[row.table, default: 0] += 1
            }
            return rows
        }
    }

    private mutating func finish(_ footer: JSONValue) throws(StoreError) {
        let digest = hash.finalize().hex
        let stated = BackupTable.allCases.reduce(into: [BackupTable: Int]()) { stated, table in
            stated[table] = footer["rows"]?["\(table.rawValue)"]?.int64.map { Int($0) }
        }
        guard footer["sha256"]?.string == digest, stated == counts else {
            throw StoreError(.corrupt, "the backup is not what its footer says: it was altered")
        }
        guard try source(1).isEmpty else {
            throw StoreError(.corrupt, "something follows the end of the backup")
        }
        summary = BackupSummary(header: header, rows: counts, bytes: bytes, digest: digest)
    }

    private struct Block {
        let kind: BackupFormat.BlockKind
        let body: [UInt8]
        let raw: [UInt8]
    }

    /// The next block; nil at the end of the file.
    private static func block(_ source: (Int) throws(StoreError) -> [UInt8]) throws(StoreError) -> Block? {
        let head = try source(BackupFormat.blockHead)
        if head.isEmpty { return nil }
        guard head.count == BackupFormat.blockHead else { throw cutOff }
        var reader = ByteReader(head)
        let kind = try reader.byte()
        let length = Int(try reader.bigEndian(UInt32.self))
        let checksum = try reader.bigEndian(UInt64.self)
        guard length <= BackupFormat.maximumBlock + 1 else {
            throw StoreError(.corrupt, "a block of the backup is too long")
        }
        let stored = try source(length)
        guard stored.count == length else { throw cutOff }
        guard BackupFormat.checksum(kind, stored) == checksum else {
            throw StoreError(.corrupt, "a block of the backup does not match its checksum")
        }
        guard let known = BackupFormat.BlockKind(rawValue: kind) else {
            throw StoreError(.newerSchema, "the backup has a block of a kind that this build does not know")
        }
        return Block(kind: known, body: try BackupFormat.body(of: stored), raw: head + stored)
    }

    private static var cutOff: StoreError { StoreError(.corrupt, "the backup was cut off within a block") }

    private static func document(_ body: [UInt8]) throws(StoreError) -> JSONValue {
        do {
            return try CanonicalJSON.parse(body)
        } catch {
            throw StoreError(.corrupt, "a part of the backup is no JSON", underlying: error)
        }
    }
}

extension BackupTable {
    /// Where its rows stand in a backup.
    var position: UInt8 { rawValue }
}
