/// The file format of backups, version 1.
///
/// Eight bytes of magic and the format's version (UInt32), then blocks. A block is its kind (1 byte), the number of
/// bytes stored (UInt32), a checksum of kind and bytes (UInt64, as ``Payload/checksum``), and the bytes: a format byte
/// (0 plain, 1 zstd) and the body. The first block is the header, then come blocks of rows, and the last is the footer
/// with the number of rows of each kind and the SHA-256 of everything before it. Numbers are big-endian. Nothing
/// follows the footer.
enum BackupFormat {
    static let magic = Array("HFBACKUP".utf8)
    static let version: UInt32 = 1
    static let prologue: [UInt8] = {
        var bytes = magic
        bytes.appendBigEndian(version)
        return bytes
    }()
    /// Kind, length and checksum of a block.
    static let blockHead = 13
    /// The most bytes of a block's body: a page and its last row, with room to spare.
    static let maximumBlock = 64 * 1_048_576
    /// A little more than documents' level: written once, read seldom.
    static let level: Int32 = 3

    enum BlockKind: UInt8 {
        case header = 1
        case rows = 2
        case footer = 3
    }

    private enum Packing {
        static let plain: UInt8 = 0
        static let zstd: UInt8 = 1
    }

    static func block(_ kind: BlockKind, _ body: [UInt8]) throws(StoreError) -> [UInt8] {
        let packed = try ZstdContext.with { context throws(StoreError) in
            body.count > 64 ? context.compress(body, after: Packing.zstd, level: level) : nil
        }
        let stored = packed ?? [Packing.plain] + body
        var bytes = [kind.rawValue]
        bytes.appendBigEndian(UInt32(stored.count))
        bytes.appendBigEndian(checksum(kind.rawValue, stored))
        return bytes + stored
    }

    static func checksum(_ kind: UInt8, _ stored: [UInt8]) -> UInt64 { Payload.checksum(of: [kind] + stored) }

    static func body(of stored: [UInt8]) throws(StoreError) -> [UInt8] {
        switch stored.first {
        case Packing.plain: return Array(stored.dropFirst())
        case Packing.zstd:
            let body = try ZstdContext.with { context throws(StoreError) in
                stored.withUnsafeBytes { bytes in
                    context.decompress(UnsafeRawBufferPointer(rebasing: bytes[1...]), limit: maximumBlock)
                }
            }
            guard let body else { throw StoreError(.corrupt, "a block of the backup cannot be unpacked") }
            return body
        default:
            throw StoreError(.newerSchema, "a block of the backup is packed in a way that this build does not know")
        }
    }
}
