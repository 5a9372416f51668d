import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct BoardScriptTests {
    static let all: [Script] = [
        .Board.submitPlain, .Board.submit, .Board.apply, .Board.remove, .Board.locate, .Board.readPage,
        .Board.readDetails, .Board.inspect, .Board.create, .Board.promote,
    ]
    private static let rules: RedisArgument = "1ddi--/1"
    private static let two: [RedisArgument] = [rules, "1", "", "set"]

    /// Script, arguments after which it takes one more element, that element, and the most of them.
    static let caps: [(Script, [RedisArgument], [RedisArgument], Int)] = [
        (.Board.submitPlain, [rules, "1", "", "set"], ["m", "1"], 100),
        (.Board.submit, [rules, "1", "", ""], ["m", "set", "1", "=", ""], 100),
        (.Board.apply, [rules, "0", "5"], ["m", "1", "1", "=", "0", ""], 100),
        (.Board.remove, [rules], ["m"], 100),
        (.Board.locate, [rules, "members", "unique"], ["m"], 100),
        (.Board.locate, [rules, "elements", ""], ["1", "=m"], 100),
        (.Board.readDetails, [rules], ["m"], 100),
    ]

    @Test("a script takes as many elements as it says and not one more", arguments: caps.indices)
    func elementCaps(_ index: Int) async throws {
        let (script, head, element, most) = Self.caps[index]
        try await withMemoryStore { memory, _ in
            let keys = Self.keys(script)
            _ = try await memory.context.evaluate(.Board.create, keys: Self.keys(.Board.create), [Self.rules, "0"])
            for count in [1, most, most + 1] {
                let elements = (0..<count).flatMap { number in
                    element.map { $0 == "m" ? .string("m\(number)") : $0 }
                }
                let reply = try await memory.context.evaluate(script, keys: keys, head + elements)
                #expect(reply.array?.first?.string == (count <= most ? "OK" : "BAD_ARGUMENT"), "\(count)")
            }
        }
    }

    @Test("a page has at most 1,000 rows")
    func pageCap() async throws {
        try await withMemoryStore { memory, _ in
            let keys = Self.keys(.Board.readPage)
            _ = try await memory.context.evaluate(.Board.create, keys: Self.keys(.Board.create), [Self.rules, "0"])
            for (before, after, isTaken) in [(0, 1_000, true), (500, 500, true), (1, 1_000, false), (1_001, 0, false)] {
                let reply = try await memory.context.evaluate(
                    .Board.readPage, keys: keys,
                    [
                        Self.rules, "", "", "inf", "", .integer(Int64(before)), .integer(Int64(after)), "", "", "", "",
                    ])
                #expect(reply.array?.first?.string == (isTaken ? "OK" : "BAD_ARGUMENT"))
            }
        }
    }

    @Test("a script with wrong arguments says so and writes nothing", arguments: all.map(\.name))
    func badArguments(_ name: String) async throws {
        let script = try #require(Self.all.first { $0.name == name })
        let server = try await PrivateRedis.start()
        defer { server.stop() }
        try await withMemoryStore(on: server, deployment: "test") { memory in
            let many = [RedisArgument](repeating: "1", count: 1_203)
            let attempts: [([[UInt8]], [RedisArgument])] = [
                ([], []), ([], [Self.rules]), (Self.keys(script), many), (Self.keys(script), []),
            ]
            for (keys, arguments) in attempts {
                let reply = try await memory.context.evaluate(script, keys: keys, arguments)
                #expect(reply.array == [.bytes(Array("BAD_ARGUMENT".utf8))], "\(arguments.count)")
            }
            #expect(try server.command("DBSIZE") == "0")
        }
    }

    @Test(
        "scores and marks that no Int64 has are refused",
        arguments: [
            ("1.5", "="), ("nan", "="), ("inf", "="), ("x", "="), ("1", ""), ("1", "=="), ("1", ">1234567"),
            ("9007199254740992", "="), ("1e300", "ab="), ("9223372036854775808", "\u{2}\u{0}="), ("1", "ab="),
        ])
    func badScores(_ score: String, _ mark: String) async throws {
        try await withMemoryStore { memory, _ in
            let keys = Self.keys(.Board.submit)
            let submit = try await memory.context.evaluate(
                .Board.submit, keys: keys, [Self.rules, "1", "", "", "m", "set", .string(score), .string(mark), ""])
            #expect(submit.array?.first?.string == "BAD_ARGUMENT")
            _ = try await memory.context.evaluate(.Board.create, keys: Self.keys(.Board.create), [Self.rules, "0"])
            guard mark != "==" && mark != "ab=" else { return }
            let apply = try await memory.context.evaluate(
                .Board.apply, keys: keys, [Self.rules, "0", "1", "m", "1", .string(score), .string(mark), "0", ""])
            #expect(apply.array?.first?.string == "BAD_ARGUMENT")
        }
    }

    @Test("writes that need memory are refused when there is none, and removing goes on")
    func outOfMemory() async throws {
        let server = try await PrivateRedis.start()
        defer { server.stop() }
        try await withMemoryStore(on: server, deployment: "test") { memory in
            let board = try memory.board("arena", rules: BoardRules())
            try await board.submitFast(1, for: Key("a"))
            try server.command("CONFIG", "SET", "maxmemory", "1")
            #expect(await code { try await board.submitFast(2, for: Key("b")) } == .unavailable)
            #expect(await code { try await board.submitFast(2, for: Key("b"), subscore: 1) } == .unavailable)
            #expect(try await board.removeFast([Key("a")]) == 1)
            #expect(try await board.count() == 0)
        }
    }

    private static func keys(_ script: Script) -> [[UInt8]] {
        let count =
            switch script.name {
            case "board/read_details": 1
            case "board/create": 3
            case "board/promote": 6
            default: 2
            }
        // The hash comes second, but where it stands alone.
        let names =
            count == 1 ? ["members"] : ["ranks", "members", "levels", "next-ranks", "next-members", "next-levels"]
        return names.prefix(count).map { Array("hf1:{scripts}\($0)".utf8) }
    }
}
