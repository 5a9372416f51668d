import Foundation
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct LineTests {
    private func lines(of text: String) async throws -> [(number: Int, text: String)] {
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("in")))
        var reader = LineReader(try InputFile(folder.file("in")))
        var lines: [(Int, String)] = []
        while let line = try await reader.next() {
            lines.append((line.number, String(decoding: line.bytes ?? [], as: UTF8.self)))
        }
        return lines
    }

    @Test("lines end with LF or CRLF, and the last one may have no end")
    func ends() async throws {
        let lines = try await lines(of: "a\r\n\nb\nc")
        #expect(lines.map(\.number) == [1, 2, 3, 4])
        #expect(lines.map(\.text) == ["a", "", "b", "c"])
    }

    @Test("a line longer than a chunk is one line")
    func long() async throws {
        let long = String(repeating: "x", count: 700_000)
        #expect(try await lines(of: "\(long)\n\(long)y\n").map(\.text) == [long, long + "y"])
    }

    @Test(
        "a line that is no profile is refused as bad input",
        arguments: [
            "", "[]", "{", "1", #"{"data":{}}"#, #"{"key":1,"data":{}}"#, #"{"key":"","data":{}}"#, #"{"key":"a"}"#,
            #"{"key":"a","data":[]}"#, #"{"key":"a","data":{},"data":{}}"#, #"{"key":"a","data":{"x":NaN}}"#,
            #"{"key":"a","data":{"x":1,"x":2}}"#, #"{"key":"a","data":{},"other":1}"#,
            #"{"key":"a","data":{},"userIds":"x"}"#, #"{"key":"a","data":{},"userIds":[1]}"#,
            #"{"key":"a","data":{},"metadata":[]}"#, #"{"key":"a","data":{"x":"\ud800"}}"#,
            #"{"key":"a","data":{"x":0.1000000000000000000000001}}"#,
            "{\"key\":\"a\",\"data\":\(String(repeating: "{\"a\":", count: 65))1\(String(repeating: "}", count: 65))}",
            "{\"key\":\"\(String(repeating: "k", count: 257))\",\"data\":{}}",
        ])
    func bad(line: String) {
        let error = #expect(throws: CommandError.self) { try ImportLine(Array(line.utf8)) }
        #expect(error?.code == .badInput)
    }

    @Test("a document may be nested as deeply inside a line as on its own")
    func depth() throws {
        let nested = "\(String(repeating: "{\"a\":", count: 63)){}\(String(repeating: "}", count: 63))"
        #expect(try ImportLine(Array("{\"key\":\"a\",\"data\":\(nested)}".utf8)).canonical == Array(nested.utf8))
    }

    @Test("a cursor carries any key", arguments: ["a", "a%b c", "é\u{301}\u{0}/{}:*", "🎮"])
    func cursor(text: String) throws {
        let key = try Key(text)
        let cursor = ListCursor.text(key)
        #expect(cursor.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(try ListCursor.key(cursor) == key)
    }
}
