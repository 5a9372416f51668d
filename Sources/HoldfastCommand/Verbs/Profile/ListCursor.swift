import HoldfastStorage

/// The cursor of a page: the last key, percent-encoded so that any key passes through a shell.
enum ListCursor {
    static func text(_ key: Key) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in key.bytes {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            bytes += isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a cursor that ``text(_:)`` wrote.
    ///
    /// - Throws: ``CommandError`` with code `usage`.
    static func key(_ text: String) throws -> Key {
        guard let decoded = Authority.percentDecoded(text), let key = try? Key(decoded) else {
            throw CommandError.usage("--after: not a cursor of this list")
        }
        return key
    }
}
