import ModelTesting
import Testing

@testable import HoldfastRedis

@Suite("Parsing of replies")
struct ReplyReaderTests {
    private static let conversation =
        "+OK\r\n-ERR no such thing\r\n:-42\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
        + "*3\r\n:1\r\n*2\r\n$-1\r\n*1\r\n+deep\r\n-NOPERM inner\r\n"
    private static let values: [RedisValue] = [
        .status("OK"), .error(RedisServerError(text: "ERR no such thing")), .integer(-42),
        .bytes(Array("a\r\nbc".utf8)), .bytes([]), .null, .null, .array([]),
        .array([
            .integer(1), .array([.null, .array([.status("deep")])]), .error(RedisServerError(text: "NOPERM inner")),
        ]),
    ]

    private func parse(_ portions: [[UInt8]]) throws -> [RedisValue] {
        let reader = ReplyReader()
        var replies: [RedisValue] = []
        for portion in portions {
            try portion.withUnsafeBytes { try reader.feed($0, into: &replies) }
        }
        return replies
    }

    @Test("a conversation cut at any two points gives the same replies")
    func everyCut() throws {
        let bytes = Array(Self.conversation.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let replies = try parse([
                    Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...]),
                ])
                guard replies == Self.values else {
                    Issue.record("cut at \(first) and \(second)")
                    return
                }
            }
        }
    }

    @Test("bytes that come one by one give the same replies")
    func singleBytes() throws {
        #expect(try parse(Self.conversation.utf8.map { [$0] }) == Self.values)
    }

    @Test("a value of 4 MiB arrives unchanged")
    func largeValue() throws {
        let value = (0..<4 * 1024 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let reply = Array("*2\r\n$\(value.count)\r\n".utf8) + value + Array("\r\n:1\r\n".utf8)
        #expect(try parse([reply]) == [.array([.bytes(value), .integer(1)])])
    }

    @Test(
        "what is not RESP2 is a protocol violation",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n", "%1\r\n+a\r\n+b\r\n", "_\r\n", ">2\r\n", "*1\r\n?\r\n",
            String(repeating: "*1\r\n", count: 9), ":12a\r\n", "$-2\r\n", "$99999999999999999999\r\n",
            "*99999999999\r\n", "+" + String(repeating: "x", count: 70_000),
            "$" + String(repeating: "1", count: 70_000),
        ])
    func violations(text: String) throws {
        let error = #expect(throws: RedisError.self) { try parse([Array(text.utf8)]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test("an announced size reserves no memory", arguments: ["*2147483647\r\n", "$500000000\r\n:1"])
    func announcedSizes(text: String) throws {
        #expect(try parse([Array(text.utf8)]).isEmpty)
    }

    @Test("garbage never crashes: it is replies, a violation, or a wish for more", arguments: 0..<20)
    func garbage(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("+-:$*0123456789\r\n\r\n$*x%".utf8)
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            if Bool.random(using: &generator) {
                bytes = Array(Self.conversation.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let index = bytes.indices.randomElement(using: &generator) ?? 0
                    bytes[index] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            do {
                _ = try parse([Array(bytes[..<cut]), Array(bytes[cut...])])
            } catch let error as RedisError {
                #expect(error.code == .protocolViolation)
            } catch {
                Issue.record(error)
            }
        }
    }
}
