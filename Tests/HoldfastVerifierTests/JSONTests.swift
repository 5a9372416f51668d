import Testing

@testable import HoldfastVerifier

@Suite("JSON of journals and documents")
struct JSONTests {
    private func fields(_ text: String) throws -> [String: JSONScanner.Field] {
        try JSONScanner.fields(of: Array(text.utf8))
    }

    @Test("integers keep all 64 bits")
    func integers() throws {
        let object = try fields(
            #"{"max":9223372036854775807,"min":-9223372036854775808,"odd":9007199254740993,"zero":-0}"#)
        #expect(object["max"] == .integer(.max))
        #expect(object["min"] == .integer(.min))
        #expect(object["odd"] == .integer(9_007_199_254_740_993))
        #expect(object["zero"] == .integer(0))
    }

    @Test("numbers that are no Int64 are no integers", arguments: ["1.0", "1e2", "9223372036854775808", "0.5"])
    func otherNumbers(number: String) throws {
        #expect(try fields("{\"n\":\(number)}")["n"] == .other)
    }

    @Test("strings are unescaped")
    func strings() throws {
        #expect(try fields(#"{"s":"a\"\\\/\n\u00e9\ud83d\ude00 😀"}"#)["s"] == .string("a\"\\/\né😀 😀"))
    }

    @Test("nested values are kept, names outside ASCII are not")
    func nesting() throws {
        let object = try fields(#" { "a" : [1, {"b": [null, true]}, "]"] , "c" : {} , "d": false, "é": 1 } "#)
        #expect(
            object == [
                "a": .array([.integer(1), .object(["b": .array([.other, .boolean(true)])]), .string("]")]),
                "c": .object([:]), "d": .boolean(false),
            ])
    }

    @Test(
        "what is no JSON object is refused",
        arguments: [
            "", "{", "[]", "{}x", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":01}"#, #"{"a":1 "b":2}"#, #"{"a":tru}"#,
            #"{"a":"\x"}"#, #"{"a":"\ud83d"}"#, #"{"a":"\u+123"}"#, #"{"a":1,"a":1}"#, #"{"a":-}"#, #"{"a":1.}"#,
            "{\"a\":\"\n\"}", #"{"a":[1,]}"#, #"{"a":"#,
        ])
    func refused(text: String) {
        #expect(throws: JSONFailure.self) { try fields(text) }
    }

    @Test("bytes that are no UTF-8, and nesting without end, are refused")
    func hostileBytes() {
        #expect(throws: JSONFailure.self) { try JSONScanner.fields(of: Array(#"{"a":""#.utf8) + [0xFF, 0x22, 0x7D]) }
        #expect(throws: JSONFailure.self) { try fields("{\"a\":" + String(repeating: "[", count: 100_000)) }
    }
}
