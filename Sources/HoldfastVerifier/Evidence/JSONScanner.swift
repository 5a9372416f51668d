/// Why bytes were not the JSON object that was expected.
struct JSONFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads one JSON object (RFC 8259).
///
/// Integers keep all 64 bits, which a general parser that thinks in doubles does not promise; and a
/// million short journal lines are read in seconds.
struct JSONScanner {
    enum Field: Equatable {
        case integer(Int64), string(String), boolean(Bool)
        case array([Field]), object([String: Field])
        /// Null, or a number that is no Int64.
        case other
    }

    /// How deep values may nest before they are refused.
    private static let maximumDepth = 128

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the one object that `bytes` must hold; a name given twice in one object is refused.
    static func fields(of bytes: [UInt8]) throws(JSONFailure) -> [String: Field] {
        var scanner = JSONScanner(bytes)
        scanner.skipSpace()
        let fields = try scanner.object(depth: 0)
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw scanner.failure("the end") }
        return fields
    }

    private mutating func object(depth: Int) throws(JSONFailure) -> [String: Field] {
        var fields: [String: Field] = [:]
        try expect(UInt8(ascii: "{"), "an object")
        skipSpace()
        if take(UInt8(ascii: "}")) { return fields }
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            try expect(UInt8(ascii: ":"), "a colon")
            let field = try value(depth: depth + 1)
            skipSpace()
            // Names outside ASCII are nobody's here, and Swift would equate two spellings of one.
            guard name.utf8.allSatisfy({ $0 < 0x80 }) else { continue }
            guard fields.updateValue(field, forKey: name) == nil else {
                throw JSONFailure("the name \(name) appears twice")
            }
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the object's end")
        return fields
    }

    private mutating func value(depth: Int) throws(JSONFailure) -> Field {
        guard depth <= Self.maximumDepth else { throw failure("less nesting") }
        skipSpace()
        guard position < bytes.count else { throw failure("a value") }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "t"):
            try word("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .other
        default: return try number()
        }
    }

    private mutating func array(depth: Int) throws(JSONFailure) -> [Field] {
        var elements: [Field] = []
        try expect(UInt8(ascii: "["), "an array")
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the array's end")
        return elements
    }

    private mutating func number() throws(JSONFailure) -> Field {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        let end = position
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            try digits()
        }
        guard position == end, let integer = Int64(String(decoding: bytes[start..<end], as: UTF8.self)) else {
            return .other
        }
        return .integer(integer)
    }

    private mutating func digits() throws(JSONFailure) {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard position > start else { throw failure("a digit") }
    }

    private mutating func string() throws(JSONFailure) -> String {
        try expect(UInt8(ascii: "\""), "a string")
        let start = position
        while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\\") {
            if bytes[position] == UInt8(ascii: "\"") {
                defer { position += 1 }
                return try text(bytes[start..<position])
            }
            position += 1
        }
        return try escapedString(Array(bytes[start..<position]))
    }

    /// Goes on with a string in which a backslash was met.
    private mutating func escapedString(_ prefix: [UInt8]) throws(JSONFailure) -> String {
        var content = prefix
        while position < bytes.count, bytes[position] >= 0x20 {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(content[...])
            case UInt8(ascii: "\\"): content += try escape()
            default: content.append(byte)
            }
        }
        throw failure("the end of a string")
    }

    private mutating func escape() throws(JSONFailure) -> [UInt8] {
        guard position < bytes.count else { throw failure("an escape") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default: throw failure("an escape")
        }
        var units = [try hexUnit()]
        if UTF16.isLeadSurrogate(units[0]), take(UInt8(ascii: "\\")) {
            try expect(UInt8(ascii: "u"), "the second half of a surrogate pair")
            units.append(try hexUnit())
        }
        guard let scalar = String(validating: units, as: UTF16.self) else { throw failure("a Unicode scalar") }
        return Array(scalar.utf8)
    }

    private mutating func hexUnit() throws(JSONFailure) -> UInt16 {
        let digits = bytes.dropFirst(position).prefix(4)
        guard digits.count == 4, digits.first != UInt8(ascii: "+"),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("four hex digits") }
        position += 4
        return unit
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(JSONFailure) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw failure("UTF-8") }
        return text
    }

    private mutating func word(_ word: StaticString) throws(JSONFailure) {
        for index in 0..<word.utf8CodeUnitCount {
            try expect(word.utf8Start[index], "a value")
        }
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ wanted: String) throws(JSONFailure) {
        guard take(byte) else { throw failure(wanted) }
    }

    private func failure(_ wanted: String) -> JSONFailure {
        JSONFailure("expected \(wanted) at byte \(position)")
    }
}
