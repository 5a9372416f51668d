/// Reads the body of a coded chunk and refuses what runs past its end.
struct ByteReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func readByte() throws(WorldError) -> UInt8 {
        guard index < bytes.count else { throw Self.truncated }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func readRest() -> [UInt8] {
        defer { index = bytes.count }
        return Array(bytes[index...])
    }

    /// Reads what ``ByteWriter/write(_:)`` wrote: at most 28 bits, which is more than any number of a chunk has.
    @inline(__always)
    mutating func readNumber() throws(WorldError) -> Int {
        var number = 0
        var shift = 0
        while shift < 28 {
            guard index < bytes.count else { throw Self.truncated }
            let byte = bytes[index]
            index += 1
            number |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw WorldError(.corrupt, "a number of a coded chunk has more than 28 bits")
    }

    private static var truncated: WorldError { WorldError(.corrupt, "a coded chunk ends too early") }
}
