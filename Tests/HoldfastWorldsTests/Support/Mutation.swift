import ModelTesting

/// Damages valid bytes in the ways that find faults of parsers; everything follows from the generator.
enum Mutation {
    /// Changes one to four places; `pool` gives pieces to put in.
    static func apply(to bytes: [UInt8], pool: [[UInt8]], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int(random.next() & 3) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 7 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[place] ^= 1 << UInt8(random.next() & 7)
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
            case 3: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 4: bytes.remove(at: place)
            case 5: bytes.removeLast(bytes.count - place)
            default:
                let piece = pool[Int(random.next() % UInt64(pool.count))]
                bytes.insert(contentsOf: piece.suffix(Int(random.next() & 15)), at: place)
            }
        }
        return bytes
    }
}
