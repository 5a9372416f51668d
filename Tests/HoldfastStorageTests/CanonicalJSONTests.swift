import HoldfastStorage
import ModelTesting
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    static let canonicalForms: [(input: String, canonical: String)] = [
        (" { } ", "{}"), ("[ ]", "[]"), ("\t[1 ,\n2]\r", "[1,2]"), ("null", "null"), ("true", "true"),
        ("false", "false"),
        // Keys by bytes: capitals first, composed and decomposed é apart, beyond the BMP after it.
        (#"{"b":1,"a":2,"B":3,"":4}"#, #"{"":4,"B":3,"a":2,"b":1}"#),
        ("{\"\u{e9}\":1,\"e\u{301}\":2}", "{\"e\u{301}\":2,\"\u{e9}\":1}"),
        ("{\"\u{1F600}\":1,\"\u{FFFD}\":2}", "{\"\u{FFFD}\":2,\"\u{1F600}\":1}"),
        ("{\"a\":1,\"a\\u0000\":2}", "{\"a\":1,\"a\\u0000\":2}"),
        // Strings: minimal escapes.
        (#""\u0041\/\u00e9""#, "\"A/\u{e9}\""), (#""\ud83d\ude00""#, "\"\u{1F600}\""),
        (#""\"\\\b\f\n\r\t\u0001\u001F\u007f""#, "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}\""),
        (#""\u0000""#, #""\u0000""#), ("\"\u{FFFE}\u{FFFF}\"", "\"\u{FFFE}\u{FFFF}\""),
        // Integers.
        ("0", "0"), ("-0", "0"), ("-1", "-1"), ("9007199254740991", "9007199254740991"),
        ("9007199254740992", "9007199254740992"), ("9007199254740993", "9007199254740993"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"), ("18446744073709551615", "18446744073709551615"),
        // Whole numbers with fraction or exponent.
        ("1.0", "1"), ("-0.0", "0"), ("1e3", "1000"), ("1E+3", "1000"), ("12.50e1", "125"), ("100e-2", "1"),
        ("0e99999", "0"), ("9007199254740992.0", "9007199254740992"), ("-9007199254740992e0", "-9007199254740992"),
        // Doubles: shortest digits, ECMAScript's layout, whole ones beyond 2^53 with an exponent.
        ("0.1", "0.1"), ("0.10", "0.1"), ("1.5", "1.5"), ("-2.25", "-2.25"), ("3.141592653589793", "3.141592653589793"),
        ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("1.5e-7", "1.5e-7"), ("123456789.125", "123456789.125"),
        ("9007199254740994.0", "9.007199254740994e+15"), ("1e16", "1e+16"), ("1e20", "1e+20"), ("1e21", "1e+21"),
        ("100000000000000000000", "1e+20"), ("-100000000000000000000", "-1e+20"), ("1e22", "1e+22"), ("1e23", "1e+23"),
        ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"),
        ("0.30000000000000004", "0.30000000000000004"), ("4.35", "4.35"), ("1.1e-5", "0.000011"),
    ]

    @Test("each text has one canonical form, which is its own canonical form", arguments: canonicalForms)
    func writesCanonicalForm(input: String, canonical: String) throws {
        let written = try CanonicalJSON.write(CanonicalJSON.parse(Array(input.utf8)))
        #expect(text(written) == text(Array(canonical.utf8)))
        #expect(written == Array(canonical.utf8))
        #expect(try CanonicalJSON.write(CanonicalJSON.parse(written)) == written)
    }

    static let refusals: [(input: String, code: JSONError.Code)] = [
        ("", .badSyntax), (" ", .badSyntax), ("{", .badSyntax), ("[1,]", .badSyntax), ("[1 2]", .badSyntax),
        ("{\"a\":1,}", .badSyntax), ("{a:1}", .badSyntax), ("{\"a\" 1}", .badSyntax), ("1 2", .badSyntax),
        ("tru", .badSyntax), ("nul", .badSyntax), ("'a'", .badSyntax), ("\"a", .badSyntax), ("\"a\\", .badSyntax),
        ("\"\\u00", .badSyntax), ("\u{FEFF}1", .badSyntax), ("// a\n1", .badSyntax), ("NaN", .badSyntax),
        ("Infinity", .badSyntax), ("+1", .badSyntax), (".5", .badSyntax), ("1\u{0}", .badSyntax), ("[1]]", .badSyntax),
        ("{\"a\":1,\"a\":2}", .duplicateKey), ("{\"b\":0,\"a\":1,\"\\u0061\":2}", .duplicateKey),
        ("01", .badNumber), ("-01", .badNumber), ("-", .badNumber), ("1.", .badNumber), ("1e", .badNumber),
        ("1e+", .badNumber), ("-a", .badNumber),
        ("1e400", .badNumber), ("-1e309", .badNumber), ("1e-400", .badNumber), ("1e99999999999999999999", .badNumber),
        ("18446744073709551616", .badNumber), ("-9223372036854775809", .badNumber), ("9007199254740993.0", .badNumber),
        ("0.1000000000000000055", .badNumber), ("3.14159265358979323846", .badNumber),
        ("1.00000000000000000001", .badNumber),
        ("\"\u{1}\"", .badString), ("\"a\nb\"", .badString), (#""\x41""#, .badString), (#""\u00g0""#, .badString),
        (#""\ud800""#, .badString), (#""\ud800\u0041""#, .badString), (#""\udc00""#, .badString),
        (#""\ud800\ud800""#, .badString), (#"{"\udfff":1}"#, .badString),
    ]

    @Test("a text that cannot be kept exactly is refused with its reason", arguments: refusals)
    func refuses(input: String, code: JSONError.Code) throws {
        let error = #expect(throws: JSONError.self) { try CanonicalJSON.parse(Array(input.utf8)) }
        #expect(error?.code == code)
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80]] as [[UInt8]]
    )
    func refusesBadUTF8(bytes: [UInt8]) {
        let plain = #expect(throws: JSONError.self) { try CanonicalJSON.parse([0x22] + bytes + [0x22]) }
        let escaped = #expect(throws: JSONError.self) { try CanonicalJSON.parse([0x22, 0x5C, 0x6E] + bytes + [0x22]) }
        #expect(plain?.code == .badUTF8)
        #expect(escaped?.code == .badUTF8)
    }

    @Test("an error names its place")
    func namesThePlace() {
        let error = #expect(throws: JSONError.self) {
            try CanonicalJSON.parse(Array(#"{"a":[0,{"b/c":01}]}"#.utf8))
        }
        #expect(error?.path == "/a/1/b~1c")
        #expect(error?.offset == 15)
    }

    @Test("64 containers inside one another are kept, 65 refused, both ways")
    func boundsDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        let deepest = try CanonicalJSON.parse(nested(64))
        #expect(try CanonicalJSON.write(deepest) == nested(64))
        #expect(#expect(throws: JSONError.self) { try CanonicalJSON.parse(nested(65)) }?.code == .tooDeep)
        #expect(#expect(throws: JSONError.self) { try CanonicalJSON.write(["a": deepest]) }?.code == .tooDeep)
        #expect(#expect(throws: JSONError.self) { try CanonicalJSON.parse(nested(100_000)) }?.code == .tooDeep)
    }

    @Test("4 MiB are kept and one byte more is refused, both ways")
    func boundsSize() throws {
        let largest = Array("\"".utf8) + Array(repeating: 0x61, count: 4_194_302) + Array("\"".utf8)
        let value = try CanonicalJSON.parse(largest)
        #expect(try CanonicalJSON.write(value) == largest)
        #expect(#expect(throws: JSONError.self) { try CanonicalJSON.parse(largest + [0x20]) }?.code == .tooLarge)
        let larger = JSONValue.string((value.string ?? "") + "a")
        #expect(#expect(throws: JSONError.self) { try CanonicalJSON.write(larger) }?.code == .tooLarge)
    }

    @Test("NaN and infinity are not written", arguments: [Double.nan, .infinity, -.infinity])
    func refusesNaN(number: Double) {
        let error = #expect(throws: JSONError.self) { try CanonicalJSON.write(["a": ["b": .double(number)]]) }
        #expect(error?.code == .badNumber)
        #expect(error?.path == "/a/b")
    }

    @Test("random documents survive writing and reading, and their form is a fixpoint", arguments: 0..<20)
    func roundTripsRandomDocuments(seed: Int) throws {
        var documents = RandomDocuments(seed: UInt64(seed))
        for _ in 0..<200 {
            let value = documents.value(depth: 0)
            let bytes = try CanonicalJSON.write(value)
            let parsed = try CanonicalJSON.parse(bytes)
            #expect(parsed == value)
            #expect(parsed.hashValue == value.hashValue)
            #expect(try CanonicalJSON.write(parsed) == bytes)
        }
    }

    @Test("every double survives, whatever its bits", arguments: 0..<8)
    func roundTripsRandomDoubles(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<5_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            let bytes = try CanonicalJSON.write(.double(number))
            let parsed = try CanonicalJSON.parse(bytes)
            #expect(Double(text(bytes)) == number)
            #expect(parsed == .double(number))
        }
    }

    @Test("values are equal as their bytes are")
    func equality() {
        #expect(JSONValue.double(1) == .integer(1))
        #expect(JSONValue.unsigned(7) == .integer(7))
        #expect(JSONValue.double(-0.0) == .integer(0))
        #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
        #expect(JSONValue.integer(.max) != .unsigned(UInt64(Int64.max) + 1))
    }

    @Test("an object sets, replaces and removes members by bytes")
    func editsObjects() {
        var value: JSONValue = ["b": 1, "a": 2]
        value["\u{e9}"] = 3
        value["e\u{301}"] = 4
        value["a"] = nil
        value["b"] = "new"
        #expect(value.object?.keys.map { Array($0.utf8) } == ["b", "e\u{301}", "\u{e9}"].map { Array($0.utf8) })
        #expect(value["b"] == "new")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Documents with everything that real data lacks.
struct RandomDocuments {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 11 : 8), using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .integer(Int64(bitPattern: generator.next() >> UInt64.random(in: 0..<64, using: &generator)))
        case 3: JSONValue(generator.next())
        case 4: JSONValue(Double.random(in: -1e6...1e6, using: &generator))
        case 5: JSONValue(edges.randomElement(using: &generator) ?? 0)
        case 6, 7: .string(text())
        case 8: .array((0..<Int.random(in: 0..<6, using: &generator)).map { _ in value(depth: depth + 1) })
        default: object(depth: depth)
        }
    }

    private mutating func object(depth: Int) -> JSONValue {
        var value: JSONValue = [:]
        for _ in 0..<Int.random(in: 0..<8, using: &generator) { value[text()] = self.value(depth: depth + 1) }
        return value
    }

    private mutating func text() -> String {
        let parts = [
            "a", "key", "\u{e9}", "e\u{301}", "\u{1F600}", "\u{0}", "\n", "\"", "\\", "\u{7f}", "\u{FFFD}", "/", "日本",
        ]
        return (0..<Int.random(in: 0..<5, using: &generator))
            .map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
    }

    private let edges: [Double] = [
        9_007_199_254_740_991, 9_007_199_254_740_992, 9_007_199_254_740_994, -9_007_199_254_740_994, 1e300,
        .leastNonzeroMagnitude, 0.1,
        .greatestFiniteMagnitude, .leastNormalMagnitude, 9.223372036854775807e18, 1.8446744073709551615e19, 1e21, 1e-7,
    ]
}
