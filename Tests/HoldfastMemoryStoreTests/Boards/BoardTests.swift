import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct BoardTests {
    @Test("names that no board has, sizes beyond the limits and too many shards are refused before anything is sent")
    func badInput() async throws {
        try await withMemoryStore { memory, server in
            for name in ["", String(repeating: "x", count: 129), "a\u{0}b", "line\n"] {
                #expect(await code { _ = try memory.board(name, rules: BoardRules()) } == .badInput)
            }
            for shards in [0, -1, 65] {
                #expect(await code { _ = try memory.board("a", rules: BoardRules(shards: shards)) } == .badInput)
            }
            let board = try memory.board("arena", rules: BoardRules())
            let many = (0...1_000).map { BoardSubmission(member: Key($0), score: 1) }
            #expect(await code { _ = try await board.submitFast(many) } == .badInput)
            #expect(await code { _ = try await board.ranks(of: many.map(\.member)) } == .badInput)
            #expect(await code { _ = try await board.details(of: many.map(\.member)) } == .badInput)
            #expect(await code { _ = try await board.removeFast(many.map(\.member)) } == .badInput)
            for count in [0, -1, 1_001] { #expect(await code { _ = try await board.top(count) } == .badInput) }
            for count in [0, 101] {
                #expect(await code { _ = try await board.around(Key(1), count: count) } == .badInput)
            }
            let large = JSONValue.string(String(repeating: "x", count: 4_096))
            #expect(await code { try await board.submitFast(1, for: Key(1), metadata: large) } == .badInput)
            #expect(await code { try await board.setMetadataFast(.double(.nan), for: Key(1)) } == .badInput)
            #expect(try await board.count() == 0)
        }
    }

    @Test("names with braces, globs and colons are names like others", arguments: RedisKind.allCases)
    func strangeNames(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            for name in ["{a}", "}{", "a*?[b]", "x:y/z", "é", "e\u{301}", " "] {
                let board = try memory.board(name, rules: BoardRules(shards: 2))
                for member in ["{a}", "a:b*", "=", "<12345678", "é", "e\u{301}", "\u{0}\u{1}"] {
                    try await board.submitFast(7, for: Key(member))
                }
                #expect(try await board.count() == 7)
                #expect(try await board.rank(of: Key("é"))?.score == 7)
            }
        }
    }

    @Test("a sum beyond Int64 is refused and changes nothing, at both ends")
    func overflow() async throws {
        try await withMemoryStore { memory, _ in
            let board = try memory.board("arena", rules: BoardRules(scoreOperator: .increment))
            try await board.submitFast(.max, for: Key("a"))
            #expect(await code { try await board.submitFast(1, for: Key("a")) } == .badInput)
            try await board.submitFast(.min, for: Key("b"))
            #expect(await code { try await board.submitFast(-1, for: Key("b")) } == .badInput)
            #expect(try await board.submitFast(0, for: Key("a")).score == .max)
            #expect(try await board.submitFast(0, for: Key("b")).score == .min)
            #expect(try await board.submitFast(.min, for: Key("a")).score == -1)
            #expect(try await board.top().rows.map(\.score) == [-1, .min])
        }
    }

    @Test("cursors of another board, season or generation, and altered ones, are refused")
    func cursors() async throws {
        try await withMemoryStore { memory, _ in
            let rules = BoardRules()
            let one = try memory.board("one", rules: rules)
            let other = try memory.board("other", rules: rules)
            for number in 0..<5 {
                try await one.submitFast(Int64(number), for: Key(number))
                try await other.submitFast(Int64(number), for: Key(number))
            }
            let cursor = try #require(try await one.top(2).next)
            #expect(try await one.top(2, after: BoardCursor(cursor.description)).rows.map(\.rank) == [3, 4])
            #expect(await code { _ = try await other.top(2, after: cursor) } == .badInput)
            for text in ["", "0", "zz", "0123456789abcdef0123456789abcdef0123456789", cursor.description + "00"] {
                #expect(await code { _ = try await one.top(2, after: BoardCursor(text)) } == .badInput)
            }
            var digits = Array(cursor.description)
            for place in digits.indices {
                let before = digits[place]
                digits[place] = before == "0" ? "1" : "0"
                let altered = BoardCursor(String(digits))
                #expect(await code { _ = try await one.top(2, after: altered) } == .badInput)
                digits[place] = before
            }
            for address in [
                BoardIndex.Address(board: "one", season: "2", generation: RandomID(high: 0, low: 0)),
                BoardIndex.Address(board: "one", season: "all", generation: RandomID(high: 0, low: 1)),
            ] {
                let index = try memory.boardIndex(address, rules: rules, isProjected: false)
                let board = Board(name: "one", rules: rules, source: RedisOnlySource(only: index))
                #expect(await code { _ = try await board.top(2, after: cursor) } == .badInput)
            }
        }
    }

    @Test("pages that follow cursors hold every row once while others come and go", arguments: [1, 4])
    func stablePages(_ shards: Int) async throws {
        try await withMemoryStore { memory, _ in
            let board = try memory.board("arena", rules: BoardRules(scoreOperator: .set, shards: shards))
            let members = (0..<200).map { Key($0) }
            for chunk in members.chunks(of: 100) {
                _ = try await board.submitFast(chunk.map { BoardSubmission(member: $0, score: 100) })
            }
            var seen: [Key] = []
            var cursor: BoardCursor?
            var round = 0
            repeat {
                let page = try await board.top(7, after: cursor, maximumAge: .zero)
                seen += page.rows.map(\.member)
                cursor = page.next
                // Above and below, and the last row of the page goes away.
                try await board.submitFast(200, for: Key("above\(round)"))
                try await board.submitFast(1, for: Key("below\(round)"))
                if let last = page.rows.last { try await board.removeFast([last.member]) }
                round += 1
            } while cursor != nil && round < 100
            #expect(seen.filter { members.contains($0) }.count == 200)
            #expect(Set(seen).count == seen.count)
        }
    }

    @Test("many askers for one page cost one read, and own writes are seen at once")
    func pageCache() async throws {
        let server = try await PrivateRedis.start()
        defer { server.stop() }
        try await withMemoryStore(on: server, deployment: "test") { memory in
            let board = try memory.board("arena", rules: BoardRules())
            try await board.submitFast(5, for: Key("a"))
            func calls() throws -> Int {
                let line = try server.command("INFO", "commandstats").split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("cmdstat_zrange:") }
                return line.flatMap { Int($0.split(separator: ",")[0].split(separator: "=")[1]) } ?? 0
            }
            let old = try await withThrowingTaskGroup(of: BoardPage.self) { group in
                for _ in 0..<50 { group.addTask { try await board.top(3, maximumAge: .seconds(60)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(old.map(\.rows.count)) == [1])
            #expect(try calls() == 1)
            // Another handle of the same board shares the pages; another page is another read.
            let other = try memory.board("arena", rules: BoardRules())
            _ = try await other.top(3, maximumAge: .seconds(60))
            #expect(try calls() == 1)
            _ = try await other.top(4, maximumAge: .seconds(60))
            _ = try await other.top(3, maximumAge: .zero)
            #expect(try calls() == 3)
            try await other.submitFast(9, for: Key("b"))
            #expect(try await board.top(3, maximumAge: .seconds(60)).rows.map(\.member) == [Key("b"), Key("a")])
            try await other.removeFast([Key("a")])
            #expect(try await board.top(3, maximumAge: .seconds(60)).rows.map(\.member) == [Key("b")])
        }
    }

    @Test("members that are removed leave nothing behind")
    func nothingLeft() async throws {
        let server = try await PrivateRedis.start()
        defer { server.stop() }
        try await withMemoryStore(on: server, deployment: "test") { memory in
            let rules = BoardRules(
                scoreOperator: .set, ties: .first, ranks: .dense, countsSubmissions: true)
            let board = try memory.board("arena", rules: rules)
            for round in 0..<3 {
                for number in 0..<20 {
                    try await board.submitFast(
                        Int64(number % 3 + round), for: Key(number), subscore: Int64(number % 2), metadata: .integer(1))
                }
            }
            try await board.removeFast((0..<20).map { Key($0) })
            let keys = try server.command("KEYS", "*").split(separator: "\n").map(String.init)
            #expect(keys.count == 1, "neither ranks nor levels")
            let fields = try server.command("HKEYS", try #require(keys.first)).split(separator: "\n")
            #expect(fields.allSatisfy { $0.hasPrefix("#") }, "\(fields)")
        }
    }

    @Test("another number of shards is another rule")
    func otherShards() async throws {
        try await withMemoryStore { memory, _ in
            let name = RandomID.random().description
            try await memory.board(name, rules: BoardRules()).submitFast(1, for: Key("a"))
            for shards in [2, 8] {
                let other = try memory.board(name, rules: BoardRules(shards: shards))
                #expect(await code { _ = try await other.top() } == .conflict)
            }
        }
    }

    @Test("a page that could not be read is not kept")
    func failedPages() async throws {
        let server = try await PrivateRedis.start()
        defer { server.stop() }
        try await withMemoryStore(on: server, deployment: "test") { memory in
            let board = try memory.board("arena", rules: BoardRules())
            try await board.submitFast(5, for: Key("a"))
            let key = try server.command("KEYS", "*members")
            try server.command("HSET", key, "#rules", "other")
            #expect(await code { _ = try await board.top(3, maximumAge: .seconds(60)) } == .conflict)
            try server.command("HSET", key, "#rules", "1ddi--/1")
            #expect(try await board.top(3, maximumAge: .seconds(60)).rows.count == 1)
        }
    }

    @Test("a lost board is loaded once and the call is repeated; where it stays lost, the error says so")
    func loading() async throws {
        try await withMemoryStore { memory, _ in
            let address = BoardIndex.Address(board: "arena", season: "1", generation: .random())
            let index = try memory.boardIndex(address, rules: BoardRules(), isProjected: true)
            let source = LoadingSource(only: index)
            let board = Board(name: "arena", rules: BoardRules(), source: source)
            #expect(try await board.submitFast(5, for: Key("a")).rank == 1)
            #expect(source.loads.load(ordering: .relaxed) == 1)
            #expect(try await board.top().rows.count == 1)
            #expect(source.loads.load(ordering: .relaxed) == 1)
            #expect(source.accepted.withLock { $0.map(\.score) } == [5])
            try await index.drop()
            source.isBroken.store(true, ordering: .relaxed)
            #expect(await code { _ = try await board.rank(of: Key("a")) } == .unavailable)
        }
    }

    private final class LoadingSource: BoardSource {
        let only: BoardIndex
        let isRedisOnly = false
        let loads = Atomic(0)
        let isBroken = Atomic(false)
        let accepted = Mutex<[BoardSubmission]>([])

        init(only: BoardIndex) {
            self.only = only
        }

        func index() async throws(MemoryStoreError) -> BoardIndex { only }

        func load(_ index: BoardIndex) async throws(MemoryStoreError) {
            loads.add(1, ordering: .relaxed)
            if !isBroken.load(ordering: .relaxed) { try await index.create() }
        }

        func admitFast(_ count: Int, to index: BoardIndex) async throws(MemoryStoreError) {}

        func accepted(_ submissions: [BoardSubmission], by index: BoardIndex) async throws(MemoryStoreError) {
            accepted.withLock { $0 += submissions }
        }
    }
}
