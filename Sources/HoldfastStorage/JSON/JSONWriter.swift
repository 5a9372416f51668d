/// Appends the canonical form of values to a buffer.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let maximumDepth: Int

    init(maximumDepth: Int) {
        self.maximumDepth = maximumDepth
        bytes.reserveCapacity(4_096)
    }

    /// Writes one value that sits inside `depth` containers.
    mutating func write(_ value: JSONValue, depth: Int) throws(JSONError) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let bool): bytes.append(contentsOf: bool ? "true".utf8 : "false".utf8)
        case .integer(let number): writeDigits(of: number.magnitude, negative: number < 0)
        case .unsigned(let number): writeDigits(of: number, negative: false)
        case .double(let number): try writeDouble(number)
        case .string(let string): writeString(string)
        case .array(let elements): try writeArray(elements, depth: depth + 1)
        case .object(let object): try writeObject(object, depth: depth + 1)
        }
    }

    private mutating func writeArray(_ elements: [JSONValue], depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else { throw JSONError(.tooDeep) }
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            do { try write(element, depth: depth) } catch { throw error.inside(String(index)) }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func writeObject(_ object: JSONObject, depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else { throw JSONError(.tooDeep) }
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            writeString(member.key)
            bytes.append(UInt8(ascii: ":"))
            do { try write(member.value, depth: depth) } catch { throw error.inside(member.key) }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func writeString(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        string.withBytes { text in
            var seen: UInt8 = 0
            var clean = 0
            var index = CleanText.end(in: text, from: 0, seen: &seen)
            while index < text.count {
                let byte = text[index]
                if byte < 0x20 || byte == 0x22 || byte == 0x5C {
                    bytes.append(contentsOf: text[clean..<index])
                    writeEscape(of: byte)
                    clean = index + 1
                }
                index += 1
                if index & 7 == 0 { index = CleanText.end(in: text, from: index, seen: &seen) }
            }
            bytes.append(contentsOf: text[clean...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }

    private mutating func writeDigits(of magnitude: UInt64, negative: Bool) {
        if negative { bytes.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = magnitude
            var start = 20
            repeat {
                start -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[start] = 0x30 + UInt8(digit)
                rest = quotient
            } while rest > 0
            bytes.append(contentsOf: digits[start...])
        }
    }

    private mutating func writeDouble(_ number: Double) throws(JSONError) {
        guard number.isFinite else { throw JSONError(.badNumber) }
        if let integer = JSONValue.whole(number) {
            return writeDigits(of: integer.magnitude, negative: integer < 0)
        }
        ShortestDecimal(number).write(to: &bytes, wholeWithExponent: true)
    }
}
