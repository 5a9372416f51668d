import Crypto
import Glibc

/// A random 128-bit name: a session's nonce, a server's boot, a save attempt, a deployment.
///
/// Written as 32 lower-case hex digits in text and as 16 big-endian bytes in stores and Redis.
public struct RandomID: Hashable, Sendable, Comparable {
    /// The upper and lower eight bytes.
    public let high: UInt64, low: UInt64

    /// Wraps 128 bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws a fresh id from the system's generator.
    public static func random() -> RandomID {
        // Both halves in one call of the kernel's: every save draws an id.
        var halves: (UInt64, UInt64) = (0, 0)
        if withUnsafeMutableBytes(of: &halves, { getentropy($0.baseAddress, $0.count) == 0 }) {
            return RandomID(high: halves.0, low: halves.1)
        }
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// Draws a fresh id from `generator`.
    public static func random(using generator: inout some RandomNumberGenerator) -> RandomID {
        RandomID(high: generator.next(), low: generator.next())
    }

    /// The id that stands for a text, always the same: the first 16 bytes of its SHA-256.
    ///
    /// For ids that a caller derives from what it does, so that doing it again is recognised.
    public init(hashing text: String) {
        let digest = Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
        self.init(
            high: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: digest.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Reads 16 big-endian bytes; nil for any other length.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        self.low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads 32 hex digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 32, digits.allSatisfy({ Self.isHexDigit($0) }),
            let high = UInt64(hex.prefix(16), radix: 16), let low = UInt64(hex.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The 16 big-endian bytes.
    public var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    /// Compared as 128-bit numbers, which is the order of the bytes.
    public static func < (left: RandomID, right: RandomID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
    }
}

extension RandomID: CustomStringConvertible {
    /// 32 lower-case hex digits.
    public var description: String {
        func padded(_ half: UInt64) -> String {
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return padded(high) + padded(low)
    }
}
