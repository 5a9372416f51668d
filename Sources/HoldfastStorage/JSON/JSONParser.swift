/// Reads one JSON text in a single pass over its bytes.
///
/// Recursion is bounded by the depth limit. The buffer must outlive the parser, which is why the type
/// stays inside ``CanonicalJSON``.
struct JSONParser {
    private let input: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var index = 0

    init(_ input: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.input = input
        self.maximumDepth = maximumDepth
    }

    /// Reads the whole input as one value.
    mutating func parseDocument() throws(JSONError) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipWhiteSpace()
        guard index == input.count else { throw JSONError(.badSyntax, at: index) }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        switch peek() {
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "{"): return try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
        case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", as: .null)
        case UInt8(ascii: "-"), 0x30...0x39: return try parseNumber()
        default: throw JSONError(.badSyntax, at: index)
        }
    }

    // MARK: - Containers

    private mutating func parseArray(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maximumDepth else { throw JSONError(.tooDeep, at: index) }
        index += 1
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if consume(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            do { elements.append(try parseValue(depth: depth)) } catch { throw error.inside(String(elements.count)) }
            skipWhiteSpace()
            if consume(UInt8(ascii: ",")) { continue }
            guard consume(UInt8(ascii: "]")) else { throw JSONError(.badSyntax, at: index) }
            return .array(elements)
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maximumDepth else { throw JSONError(.tooDeep, at: index) }
        let start = index
        index += 1
        var members: [JSONObject.Member] = []
        var isOrdered = true
        skipWhiteSpace()
        if consume(UInt8(ascii: "}")) { return .object(JSONObject()) }
        members.reserveCapacity(8)
        while true {
            skipWhiteSpace()
            guard peek() == UInt8(ascii: "\"") else { throw JSONError(.badSyntax, at: index) }
            let key = try parseString()
            skipWhiteSpace()
            guard consume(UInt8(ascii: ":")) else { throw JSONError(.badSyntax, at: index) }
            if let last = members.last, !last.key.precedesByBytes(key) { isOrdered = false }
            do {
                members.append(JSONObject.Member(key: key, value: try parseValue(depth: depth)))
            } catch { throw error.inside(key) }
            skipWhiteSpace()
            if consume(UInt8(ascii: ",")) { continue }
            guard consume(UInt8(ascii: "}")) else { throw JSONError(.badSyntax, at: index) }
            if isOrdered { return .object(JSONObject(ordered: members)) }
            return .object(try Self.ordered(members, start: start))
        }
    }

    private static func ordered(_ members: [JSONObject.Member], start: Int) throws(JSONError) -> JSONObject {
        let sorted = members.sorted { $0.key.precedesByBytes($1.key) }
        for index in 1..<sorted.count where sorted[index - 1].key.hasSameBytes(as: sorted[index].key) {
            throw JSONError(.duplicateKey, at: start).inside(sorted[index].key)
        }
        return JSONObject(ordered: sorted)
    }

    // MARK: - Strings

    private mutating func parseString() throws(JSONError) -> String {
        index += 1
        let start = index
        var seen: UInt8 = 0
        index = CleanText.end(in: input, from: index, seen: &seen)
        while index < input.count {
            let byte = input[index]
            if byte == 0x22 {
                let bytes = UnsafeBufferPointer(rebasing: input[start..<index])
                let text = try string(of: bytes, isASCII: seen < 0x80, at: start)
                index += 1
                return text
            }
            if byte == 0x5C { return try parseEscapedString(from: start) }
            guard byte >= 0x20 else { throw JSONError(.badString, at: index) }
            seen |= byte
            index += 1
            if (index - start) & 7 == 0 { index = CleanText.end(in: input, from: index, seen: &seen) }
        }
        throw JSONError(.badSyntax, at: index)
    }

    private func string(
        of bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool, at offset: Int
    ) throws(JSONError) -> String {
        if isASCII { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw JSONError(.badUTF8, at: offset) }
        return text
    }

    /// Reads on from the first escape of a string that began at `start`.
    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(input[start..<index])
        while index < input.count {
            let byte = input[index]
            index += 1
            switch byte {
            case 0x22:
                guard let string = String(validating: text, as: UTF8.self) else { throw JSONError(.badUTF8, at: start) }
                return string
            case 0x5C: try parseEscape(into: &text)
            case 0..<0x20: throw JSONError(.badString, at: index - 1)
            default: text.append(byte)
            }
        }
        throw JSONError(.badSyntax, at: index)
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
        let start = index - 1
        guard index < input.count else { throw JSONError(.badSyntax, at: index) }
        let byte = input[index]
        index += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try parseHexDigits(escapeAt: start)
            if (0xD800...0xDBFF).contains(code) {
                guard consume(0x5C), consume(UInt8(ascii: "u")) else { throw JSONError(.badString, at: start) }
                let low = try parseHexDigits(escapeAt: start)
                guard (0xDC00...0xDFFF).contains(low) else { throw JSONError(.badString, at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            // Only half of a surrogate pair is no scalar value.
            guard let scalar = Unicode.Scalar(code) else { throw JSONError(.badString, at: start) }
            text.append(contentsOf: UTF8.encode(scalar)!)
        default: throw JSONError(.badString, at: start)
        }
    }

    private mutating func parseHexDigits(escapeAt start: Int) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard index < input.count else { throw JSONError(.badSyntax, at: index) }
            let byte = input[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw JSONError(.badString, at: start)
            }
            code = code << 4 | UInt32(digit)
            index += 1
        }
        return code
    }

    // MARK: - Numbers

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = index
        let negative = consume(UInt8(ascii: "-"))
        var magnitude: UInt64 = 0
        var overflowed = false
        var significant = 0
        func scanDigits(_ parser: inout JSONParser) -> Int {
            let first = parser.index
            while case let byte = parser.peek(), (0x30...0x39).contains(byte) {
                if significant > 0 || byte != 0x30 { significant += 1 }
                let (tenfold, high) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
                overflowed = overflowed || high || carry
                magnitude = sum
                parser.index += 1
            }
            return parser.index - first
        }

        let whole = scanDigits(&self)
        guard whole > 0, whole == 1 || input[index - whole] != 0x30 else { throw JSONError(.badNumber, at: start) }
        var fraction = 0
        var exponent = 0
        let isWhole = peek() != UInt8(ascii: ".") && peek() != UInt8(ascii: "e") && peek() != UInt8(ascii: "E")
        if isWhole, !overflowed, let integer = Self.integer(magnitude, negative: negative) { return integer }
        if consume(UInt8(ascii: ".")) {
            fraction = scanDigits(&self)
            guard fraction > 0 else { throw JSONError(.badNumber, at: start) }
        }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            let minus = consume(UInt8(ascii: "-"))
            if !minus { _ = consume(UInt8(ascii: "+")) }
            let first = index
            while case let byte = peek(), (0x30...0x39).contains(byte) {
                exponent = min(exponent * 10 + Int(byte - 0x30), 1_000_000)
                index += 1
            }
            guard index > first else { throw JSONError(.badNumber, at: start) }
            if minus { exponent = -exponent }
        }
        // Clinger's fast path: at most 15 digits and a power of ten that a Double holds exactly are
        // one correctly rounded operation, and 15 digits always survive the way through a Double.
        if significant <= 15, !overflowed, abs(exponent - fraction) <= 22 {
            let power = Self.powersOfTen[abs(exponent - fraction)]
            let number = exponent - fraction < 0 ? Double(magnitude) / power : Double(magnitude) * power
            return JSONValue(negative ? -number : number)
        }
        return try exactDouble(from: start)
    }

    /// Reads the number between `start` and here as the `Double` that prints as the same decimal.
    private func exactDouble(from start: Int) throws(JSONError) -> JSONValue {
        let text = Array(input[start..<index])
        guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite,
            ShortestDecimal(number) == ShortestDecimal(text: text[...])
        else { throw JSONError(.badNumber, at: start) }
        return JSONValue(number)
    }

    private static func integer(_ magnitude: UInt64, negative: Bool) -> JSONValue? {
        guard negative else { return JSONValue(magnitude) }
        guard magnitude <= Int64.min.magnitude else { return nil }
        return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    // MARK: - Bytes

    private mutating func parseWord(_ word: StaticString, as value: JSONValue) throws(JSONError) -> JSONValue {
        let start = index
        for offset in 0..<word.utf8CodeUnitCount {
            guard consume(word.utf8Start[offset]) else { throw JSONError(.badSyntax, at: start) }
        }
        return value
    }

    /// The next byte; 0, which JSON has no use for, at the end.
    private func peek() -> UInt8 {
        index < input.count ? input[index] : 0
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard index < input.count, input[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while index < input.count {
            switch input[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }
}
