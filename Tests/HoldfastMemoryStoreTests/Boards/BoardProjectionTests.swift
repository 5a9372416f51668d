import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct BoardProjectionTests {
    @Test(
        "whatever is sent how often and in which order, each change takes effect once", arguments: BoardCombination.all)
    func histories(_ combination: BoardCombination) async throws {
        try await withMemoryStore(combination.rules.shards > 1 ? .cluster : .standalone) { memory, _ in
            try await checkHistories(20, lengths: 1...30) {
                let store = InMemoryStore(deployment: "test")
                _ = try await store.migrate(DeploymentTimings())
                let address = BoardIndex.Address(board: "arena", season: "\(RandomID.random())", generation: .random())
                let index = try memory.boardIndex(address, rules: combination.rules, isProjected: true)
                try await index.create()
                return try ProjectionSubject(index, store)
            }
        }
    }

    @Test("a shard that missed a page makes the next one wait, and the pages in between mend it")
    func failedShard() async throws {
        try await withMemoryStore { memory, server in
            let index = try await Self.index(memory, BoardRules(shards: 4))
            let rows = (1...8).map { Self.row($0, score: 10, change: Int64($0)) }
            #expect(try await index.apply(Array(rows.prefix(4)), from: 0, through: 4) == .applied(cursor: 4))
            // As after a crash between two calls: one shard is where it was before.
            let members = String(decoding: index.shards[2].keys[1], as: UTF8.self)
            try server.command("HSET", members, "#cursor", "0")
            #expect(try await index.apply(Array(rows.suffix(4)), from: 4, through: 8) == .gap(cursor: 0))
            #expect(try await index.cursor() == 0)
            #expect(try await index.apply(rows, from: 0, through: 8) == .applied(cursor: 8))
            #expect(try await index.count() == 8)
        }
    }

    @Test("rows outside of the changes that they belong to are refused before anything is sent")
    func outside() async throws {
        try await withMemoryStore { memory, _ in
            let index = try await Self.index(memory, BoardRules())
            for change in [0, 3, 9] {
                let row = Self.row(1, score: 1, change: Int64(change))
                #expect(await code { _ = try await index.apply([row], from: 3, through: 8) } == .badInput)
            }
            #expect(await code { _ = try await index.apply([], from: 3, through: 2) } == .badInput)
        }
    }

    @Test("a board that Redis lost is an error for readers and fast writers, not an empty board")
    func lost() async throws {
        try await withMemoryStore { memory, _ in
            let index = try await Self.index(memory, BoardRules())
            #expect(
                try await index.apply([Self.row(1, score: 1, change: 1)], from: 0, through: 1) == .applied(cursor: 1))
            try await index.drop()
            for call in Self.calls {
                do {
                    try await call(index)
                    Issue.record("no error")
                } catch let error as MemoryStoreError {
                    #expect(error.code == .unavailable && error.isBoardNotLoaded && error.isRetriable)
                }
            }
            #expect(try await index.apply([], from: 1, through: 2) == .absent)
        }
    }

    @Test("a board of the store that stands in another form is not there for any call, and nothing is changed")
    func otherRules() async throws {
        try await withMemoryStore { memory, _ in
            let index = try await Self.index(memory, BoardRules())
            _ = try await index.apply([Self.row(1, score: 1, change: 1)], from: 0, through: 1)
            for rules in [
                BoardRules(order: .ascending), BoardRules(subscoreOrder: .ascending), BoardRules(ties: .first),
                BoardRules(ranks: .dense), BoardRules(countsSubmissions: true),
            ] {
                let other = try memory.boardIndex(index.address, rules: rules, isProjected: true)
                for call in Self.calls {
                    do {
                        try await call(other)
                        Issue.record("no error")
                    } catch let error as MemoryStoreError {
                        #expect(error.isBoardNotLoaded)
                    }
                }
                #expect(try await other.apply([], from: 1, through: 2) == .absent)
                #expect(try await other.cursor() == nil)
            }
            #expect(try await index.cursor() == 1)
            try await index.create()
            #expect(try await index.cursor() == 1)
            let other = try memory.boardIndex(index.address, rules: BoardRules(ties: .first), isProjected: true)
            try await other.create()
            #expect(try await other.cursor() == 0)
        }
    }

    private static let calls: [@Sendable (BoardIndex) async throws -> Void] = [
        { _ = try await $0.submitFast([BoardSubmission(member: Key(1), score: 1)], ranked: true) },
        { _ = try await $0.submitFast([BoardSubmission(member: Key(1), score: 1, subscore: 2)], ranked: true) },
        { _ = try await $0.removeFast([Key(1)]) },
        { _ = try await $0.setMetadataFast(.null, for: Key(1)) },
        { _ = try await $0.locate([Key(1)]) },
        { _ = try await $0.details(of: [Key(1)]) },
        { _ = try await $0.count() },
        { _ = try await $0.window(around: .place($0.order.top), before: 0, after: 5) },
        { _ = try await $0.window(around: .member(Key(1)), before: 2, after: 5) },
    ]

    private static func index(_ memory: MemoryStore, _ rules: BoardRules) async throws -> BoardIndex {
        let address = BoardIndex.Address(board: "arena", season: "1", generation: .random())
        let index = try memory.boardIndex(address, rules: rules, isProjected: true)
        try await index.create()
        return index
    }

    private static func row(_ member: Int, score: Int64, change: Int64) -> ScoreRow {
        ScoreRow(
            member: Key(member), score: score, subscore: 0, submissions: 1, change: change, reached: change,
            metadata: nil, updatedAtMillis: 0, isRemoved: false)
    }
}
