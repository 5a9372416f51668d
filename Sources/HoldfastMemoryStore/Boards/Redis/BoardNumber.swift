import HoldfastRedis

/// A score as Redis keeps it: its nearest double, and beyond 2^53 two bytes of what the double leaves over.
///
/// The residue is 512 more than the difference, which is at most 512 either way within Int64; see
/// `Lua/include/number.lua`.
struct BoardNumber: Equatable {
    /// From here on doubles skip whole numbers.
    static let limit = 9_007_199_254_740_992.0

    let nearest: Double
    let residue: [UInt8]

    init(_ number: Int64) {
        nearest = Double(number)
        residue =
            nearest.magnitude < Self.limit
            ? [] : Self.bytes(UInt16(512 + (Int128(number) - Int128(nearest))))
    }

    /// Whether sorted sets hold it without a residue.
    static func isSmall(_ number: Int64) -> Bool { Double(number).magnitude < limit }

    /// Reads the number whose double is `nearest`, with the residue that `bytes` begin with.
    ///
    /// - Returns: The number and how many bytes belong to it; nil for what ``init(_:)`` never writes.
    static func read(_ nearest: Double, _ bytes: ArraySlice<UInt8>) -> (number: Int64, length: Int)? {
        if nearest.magnitude < limit { return Int64(exactly: nearest).map { ($0, 0) } }
        guard bytes.count >= 2, let whole = Int128(exactly: nearest) else { return nil }
        let residue = Int128(bytes[bytes.startIndex]) << 8 | Int128(bytes[bytes.startIndex + 1])
        return Int64(exactly: whole + residue - 512).map { ($0, 2) }
    }

    /// The double as an argument; scripts read it without loss.
    static func argument(_ nearest: Double) -> RedisArgument {
        if let number = Int64(exactly: nearest) { return .integer(number) }
        if let number = Int128(exactly: nearest) { return .string(String(number)) }
        return .string(nearest < 0 ? "-inf" : "inf")
    }

    /// Reads a double from a reply.
    static func double(_ value: RedisValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        default: value.string.flatMap { Double($0) }
        }
    }

    private static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }
}
