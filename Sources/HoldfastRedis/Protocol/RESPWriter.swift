/// Writes a command's parts into raw memory that has room for them.
struct RESPWriter {
    /// Most bytes that a length line takes: marker, twenty digits, line end.
    static let maximumLineBytes = 23

    private let base: UnsafeMutableRawPointer
    /// How much has been written.
    private(set) var count = 0

    /// Writes from `base` on.
    ///
    /// The caller has checked the room with ``maximumLength(of:)``.
    init(_ base: UnsafeMutableRawPointer) {
        self.base = base
    }

    /// An upper bound for ``bulk(_:)`` of so many bytes.
    static func maximumLength(of bytes: Int) -> Int { maximumLineBytes + bytes + 2 }

    /// `*<count>`: the number of words that follow.
    mutating func array(_ count: Int) {
        line(UInt8(ascii: "*"), count)
    }

    /// One word.
    mutating func bulk(_ bytes: UnsafeRawBufferPointer) {
        line(UInt8(ascii: "$"), bytes.count)
        if let source = bytes.baseAddress {
            (base + count).copyMemory(from: source, byteCount: bytes.count)
            count += bytes.count
        }
        lineEnd()
    }

    /// One word from a constant.
    mutating func bulk(constant text: StaticString) {
        bulk(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// One word from a string's UTF-8.
    mutating func bulk(_ text: String) {
        var text = text
        text.withUTF8 { bulk(UnsafeRawBufferPointer($0)) }
    }

    /// One word in decimal digits.
    mutating func bulk(_ number: Int64) {
        let digits = Self.digitCount(number.magnitude) + (number < 0 ? 1 : 0)
        line(UInt8(ascii: "$"), digits)
        if number < 0 { byte(UInt8(ascii: "-")) }
        decimal(number.magnitude)
        lineEnd()
    }

    private mutating func line(_ marker: UInt8, _ number: Int) {
        byte(marker)
        decimal(UInt64(number))
        lineEnd()
    }

    private mutating func lineEnd() {
        byte(UInt8(ascii: "\r"))
        byte(UInt8(ascii: "\n"))
    }

    private mutating func byte(_ value: UInt8) {
        base.storeBytes(of: value, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    private mutating func decimal(_ number: UInt64) {
        var rest = number
        let digits = Self.digitCount(number)
        for position in stride(from: digits - 1, through: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            base.storeBytes(of: UInt8(ascii: "0") + UInt8(digit), toByteOffset: count + position, as: UInt8.self)
            rest = quotient
        }
        count += digits
    }

    private static func digitCount(_ number: UInt64) -> Int {
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return digits
    }
}
