/// A decimal as its significant digits and the place of its point: 0.DIGITS × 10^point.
///
/// Two decimals are equal when they have the same value, however they were spelled.
struct ShortestDecimal: Equatable {
    let negative: Bool
    /// Without leading and trailing zeros; empty for zero.
    let digits: [UInt8]
    let point: Int

    /// The fewest digits that read back as `number`, which must be finite.
    init(_ number: Double) {
        // The standard library prints the shortest digits that round-trip (SwiftDtoa); only its
        // layout is replaced by ours.
        self.init(text: Array(number.description.utf8)[...])
    }

    /// Takes apart a number that follows the grammar of JSON.
    init(text: ArraySlice<UInt8>) {
        var digits: [UInt8] = []
        var point = 0
        var seenPoint = false
        var exponent = 0
        var rest = text
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest.removeFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // Saturates far outside the range of Double, so that a long exponent cannot overflow.
                let minus = rest.first == UInt8(ascii: "-")
                for digit in rest where digit >= 0x30 { exponent = min(exponent * 10 + Int(digit - 0x30), 1_000_000) }
                if minus { exponent = -exponent }
                rest = []
            default:
                if digits.isEmpty && byte == 0x30 {
                    if seenPoint { point -= 1 }
                } else {
                    digits.append(byte)
                    if !seenPoint { point += 1 }
                }
            }
        }
        while digits.last == 0x30 { digits.removeLast() }
        self.negative = negative && !digits.isEmpty
        self.digits = digits
        self.point = digits.isEmpty ? 0 : point + exponent
    }

    /// Appends the decimal as ECMAScript lays it out; whole numbers get an exponent when asked for.
    func write(to bytes: inout [UInt8], wholeWithExponent: Bool) {
        if negative { bytes.append(UInt8(ascii: "-")) }
        let isWhole = digits.count <= point
        if (1...21).contains(point) && !(isWhole && wholeWithExponent) {
            writePlain(to: &bytes)
        } else if (-5...0).contains(point) {
            bytes.append(contentsOf: "0.".utf8)
            bytes.append(contentsOf: repeatElement(0x30, count: -point))
            bytes.append(contentsOf: digits)
        } else {
            bytes.append(digits[0])
            if digits.count > 1 {
                bytes.append(UInt8(ascii: "."))
                bytes.append(contentsOf: digits[1...])
            }
            bytes.append(contentsOf: (point > 0 ? "e+" : "e").utf8)
            bytes.append(contentsOf: String(point - 1).utf8)
        }
    }

    private func writePlain(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: digits.prefix(point))
        if digits.count <= point {
            bytes.append(contentsOf: repeatElement(0x30, count: point - digits.count))
        } else {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[point...])
        }
    }
}
