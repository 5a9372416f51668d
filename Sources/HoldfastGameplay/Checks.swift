/// The limits that several values share.
enum Checks {
    /// The most bytes of a name: an item's, a currency's, a cooldown's or an effect's.
    static let nameBytes = 64
    /// The longest duration, ten years of 365 days, in milliseconds.
    static let longestMillis: Int64 = 315_360_000_000
    /// The last instant, the end of the year 9999, in milliseconds since 1970.
    static let lastMillis: Int64 = 253_402_300_799_999

    /// Names are plain ASCII, so that equal text has equal bytes in every store and language.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` outside 1 to 64 of `A–Z a–z 0–9 _ . : / -`.
    static func name(_ name: String, _ what: String) throws(GameplayError) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"): true  // - . / 0–9 :
            default: false
            }
        }
        guard isPlain, (1...nameBytes).contains(name.utf8.count) else {
            throw GameplayError(
                .badInput,
                "\(what) has 1 to \(nameBytes) of the characters A–Z a–z 0–9 _ . : / -, unlike "
                    + String(name.prefix(nameBytes)).debugDescription)
        }
    }

    /// - Throws: ``GameplayError`` with code `negativeAmount`.
    static func amount(_ amount: some BinaryInteger) throws(GameplayError) {
        guard amount >= 0 else { throw GameplayError(.negativeAmount, "an amount is never negative, unlike \(amount)") }
    }

    /// - Throws: ``GameplayError`` with code `badInput` outside the years 1970 to 9999.
    static func time(_ millis: Int64) throws(GameplayError) {
        guard (0...lastMillis).contains(millis) else {
            throw GameplayError(.badInput, "a time lies in the years 1970 to 9999, unlike \(millis) ms")
        }
    }

    /// A duration in milliseconds; what is below one is cut off.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` outside `minimum` to ten years.
    static func millis(
        of duration: Duration, _ what: String, atLeast minimum: Int64 = 1
    ) throws(GameplayError) -> Int64 {
        let (seconds, attoseconds) = duration.components
        guard (0...longestMillis / 1_000).contains(seconds), attoseconds >= 0 else {
            throw GameplayError(.badInput, "\(what) is \(minimum) ms to ten years, unlike \(duration)")
        }
        let millis = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        guard (minimum...longestMillis).contains(millis) else {
            throw GameplayError(.badInput, "\(what) is \(minimum) ms to ten years, unlike \(duration)")
        }
        return millis
    }
}
