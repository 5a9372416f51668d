/// Writes any bytes with the letters, digits and `_ . -` of ASCII, and `%` before two hex digits for all else.
///
/// No brace, colon, glob, control or non-ASCII byte is left, and no two inputs give the same output.
package enum PercentEncoding {
    /// Encodes `bytes`, at most threefold in size.
    package static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        append(bytes, to: &encoded)
        return encoded
    }

    /// Encodes `bytes` at the end of `encoded`.
    package static func append(_ bytes: some Sequence<UInt8>, to encoded: inout [UInt8]) {
        for byte in bytes {
            if isPlain(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexDigit(byte >> 4))
                encoded.append(hexDigit(byte & 15))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// Reverses ``encode(_:)``; nil for anything that it never writes.
    package static func decode(_ encoded: some Collection<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = encoded[...]
        while let byte = rest.popFirst() {
            if isPlain(byte) {
                decoded.append(byte)
                continue
            }
            guard byte == UInt8(ascii: "%"), let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit), !isPlain(high << 4 | low)
            else { return nil }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
