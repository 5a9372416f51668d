import Crypto

/// 128 random bits: a session's nonce or a save's id.
///
/// 32 hex digits in journals, 16 bytes in stores.
struct RandomID: Hashable, CustomStringConvertible {
    private let high: UInt64, low: UInt64

    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The first half of the SHA-256 of a text, as the store names a trade's decision.
    init(hashing text: String) {
        let digest = Array(SHA256.hash(data: Array(text.utf8)))
        high = digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    init?(hex: String) {
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for byte in hex.utf8 {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            halves = (halves.0 << 4 | halves.1 >> 60, halves.1 << 4 | UInt64(digit))
            digits += 1
        }
        guard digits == 32 else { return nil }
        (high, low) = halves
    }

    /// The first eight hex digits: enough to find the line in a journal.
    var description: String {
        let digits = String(high, radix: 16)
        return (String(repeating: "0", count: 16 - digits.count) + digits).prefix(8) + "…"
    }
}
