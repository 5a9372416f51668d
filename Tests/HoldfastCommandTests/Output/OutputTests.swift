import HoldfastCoordination
import HoldfastMemoryStore
import HoldfastProfiles
import HoldfastRedis
import HoldfastStorage
import Testing

@testable import HoldfastCommand

@Suite struct OutputTests {
    @Test("JSON keeps the order of fields and escapes what must be escaped")
    func json() {
        let value: OutputValue = [
            "b": 1, "a": ["x", .null, true], "text": "q\"\\\n\u{1}é", "raw": .raw(Array("{}".utf8)),
            "n": .number(1.5), "whole": .number(2), "bad": .number(.nan),
        ]
        #expect(
            OutputWriter.text(value)
                == #"{"b":1,"a":["x",null,true],"text":"q\"\\\n\u0001é","raw":{},"n":1.5,"whole":2,"bad":null}"#)
    }

    @Test(
        "times are RFC 3339 with milliseconds",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ])
    func time(millis: Int64, text: String) {
        #expect(Timestamp.text(millis: millis) == text)
    }

    @Test(
        "times are read back, with offsets and without fractions, and bad ones are not",
        arguments: [
            ("2024-02-29T12:34:56.007Z", 1_709_210_096_007), ("2024-02-29T14:34:56.0071+02:00", 1_709_210_096_007),
            ("2024-02-29 07:04:56-05:30", 1_709_210_096_000), ("1969-12-31T23:59:59.999Z", -1),
            ("2023-02-29T00:00:00Z", nil), ("2024-13-01T00:00:00Z", nil), ("2024-01-01T24:00:00Z", nil),
            ("2024-01-01", nil), ("2024-01-01T00:00:00", nil), ("", nil), ("2024-01-01T00:00:00+25:00", nil),
        ] as [(String, Int64?)])
    func readTime(text: String, millis: Int64?) {
        #expect(Timestamp.millis(text) == millis)
    }

    @Test("text for a terminal has no control characters")
    func escaped() {
        #expect(TerminalText.escaped("a\u{1B}[2J\nb\u{202E}é🎮") == "a\\u{1b}[2J\\u{a}b\\u{202e}é🎮")
    }

    @Test("an error is one line and one document")
    func error() {
        let error = CommandError(.held, "held by\nlobby-1", key: "4\n2")
        #expect(error.line == "holdfast: held by\\u{a}lobby-1 (key 4\\u{a}2)")
        #expect(
            OutputWriter.text(error.document)
                == #"{"error":{"code":"held","message":"held by\nlobby-1","key":"4\n2","isRetriable":true}}"#)
    }

    @Test("every code of the libraries has a word and an exit code")
    func codes() throws {
        let expected: [(any Error, CommandError.Code, Int32)] = [
            (StoreError(.badInput, ""), .badInput, 65), (StoreError(.corrupt, ""), .corrupt, 65),
            (StoreError(.notFound, ""), .notFound, 66), (StoreError(.unavailable, ""), .unavailable, 69),
            (StoreError(.diskFull, ""), .diskFull, 74), (StoreError(.denied, ""), .denied, 77),
            (StoreError(.newerSchema, ""), .newerSchema, 78), (StoreError(.wrongDeployment, ""), .wrongDeployment, 78),
            (StoreError(.internalError, ""), .internalError, 70),
            (CoordinationError(.outcomeUnknown, ""), .outcomeUnknown, 69),
            (CoordinationError(.closed, ""), .unavailable, 69),
            (RedisError(.deadline, ""), .deadline, 69), (RedisError(.denied, ""), .denied, 77),
            (RedisError(.protocolViolation, ""), .internalError, 70),
            (ProfileError(.held, ""), .held, 75), (ProfileError(.fenced, ""), .fenced, 75),
            (ProfileError(.notReady, ""), .unavailable, 69), (CancellationError(), .deadline, 69),
            (MemoryStoreError(.full, ""), .held, 75), (MemoryStoreError(.notOpen, ""), .held, 75),
            (MemoryStoreError(.exhausted, ""), .held, 1), (MemoryStoreError(.rebuilding, ""), .unavailable, 69),
        ]
        for (error, code, status) in expected {
            let found = CommandError(error)
            #expect(found.code == code, "\(error)")
            #expect(found.exitStatus.rawValue == status, "\(error)")
        }
        #expect(CommandError(MemoryStoreError(.rebuilding, "")).advice == "try again in a moment")
        #expect(!CommandError(MemoryStoreError(.exhausted, "")).message.contains("later"))
    }
}
