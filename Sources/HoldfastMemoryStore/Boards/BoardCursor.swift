/// A place in one season of one board, from which reading goes on.
///
/// It names the last row that was read, not a number of rows, so rows that come and go meanwhile are neither repeated
/// nor left out. It is opaque text for its holder, and refused by every other board, season and generation.
public struct BoardCursor: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case hex digits, for command lines and other servers.
    public let description: String

    /// Wraps text that ``description`` gave.
    ///
    /// The board that it is handed to looks whether it is one of its own.
    public init(_ text: String) {
        description = text
    }

    /// What a cursor says.
    struct Content: Equatable {
        enum Direction: UInt8 {
            case forward = 1
            case backward = 2
        }
        let direction: Direction
        let anchor: BoardAnchor
    }

    private static let version: UInt8 = 1

    /// Writes a cursor of the season with that address.
    init(_ content: Content, of address: BoardIndex.Address) {
        let body = [Self.version, content.direction.rawValue] + content.anchor.nearest.bytes + content.anchor.bytes
        description = Hex.text(Self.seal(body, address).bytes + body)
    }

    /// Reads it.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` when it is not a cursor of that season.
    func content(of address: BoardIndex.Address) throws(MemoryStoreError) -> Content {
        guard let bytes = Hex.bytes(description), bytes.count >= 18, bytes[8] == Self.version,
            Array(bytes.prefix(8)) == Self.seal(Array(bytes.dropFirst(8)), address).bytes,
            let direction = Content.Direction(rawValue: bytes[9])
        else {
            throw MemoryStoreError(.badInput, "not a cursor of this board and season; begin at its top again")
        }
        let nearest = Double(bitPattern: bytes[10..<18].reduce(0) { $0 << 8 | UInt64($1) })
        return Content(direction: direction, anchor: BoardAnchor(nearest: nearest, bytes: Array(bytes[18...])))
    }

    /// Differs between boards, seasons and generations, and where a digit is wrong.
    private static func seal(_ body: [UInt8], _ address: BoardIndex.Address) -> UInt64 {
        StableHash.of(Array(address.name.utf8) + [0] + body)
    }
}

extension UInt64 {
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension Double {
    fileprivate var bytes: [UInt8] { bitPattern.bytes }
}
