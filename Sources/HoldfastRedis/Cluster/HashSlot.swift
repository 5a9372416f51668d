/// The slot of a cluster that a key belongs to.
///
/// CRC16 (XMODEM: polynomial 0x1021, start 0) of the key, or of its hash tag: what stands between the first `{` and
/// the next `}`, unless that is nothing (cluster specification, "Hash tags").
enum HashSlot {
    /// How many there are.
    static let count = 16_384

    /// Computes the slot of a key.
    static func of(_ key: some BidirectionalCollection<UInt8>) -> Int {
        if let open = key.firstIndex(of: UInt8(ascii: "{")) {
            let rest = key[key.index(after: open)...]
            if let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex {
                return Int(checksum(rest[..<close])) & (count - 1)
            }
        }
        return Int(checksum(key)) & (count - 1)
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var sum: UInt16 = 0
        for byte in bytes { sum = sum << 8 ^ table[Int(sum >> 8 ^ UInt16(byte))] }
        return sum
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
