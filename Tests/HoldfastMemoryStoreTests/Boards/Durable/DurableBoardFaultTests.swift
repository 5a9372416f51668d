import Foundation
import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import ModelTesting
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Redis fails, loses and goes back; what the store has comes back.
@Suite struct DurableBoardFaultTests {
    private static let adding = BoardSettings(rules: BoardRules(scoreOperator: .increment))

    @Test("Redis is away: a score is durable all the same, and its rank follows", arguments: BoardStoreKind.allCases)
    func redisDown(_ kind: BoardStoreKind) async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        try await BoardFleet.with(kind, 1, options, isPatient: false) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.adding)
            try await board.submit(1, for: Key("ann"))
            fleet.redis.kill()
            #expect(try await board.submit(10, for: Key("ann"), ranked: true).rank == nil)
            for _ in 0..<2 { try await board.submit(10, for: Key("ann")) }
            #expect(try await board.stored([Key("ann")]) == [BoardScore(score: 31, subscore: 0, submissions: 4)])
            try await fleet.redis.restart()
            try await board.expectProjected(fleet.store)
            try await board.submit(1, for: Key("ann"))
            #expect(try await board.stored([Key("ann")]) == [BoardScore(score: 32, subscore: 0, submissions: 5)])
            try await eventually("Redis ranks it") { try await board.rank(of: Key("ann"))?.score == 32 }
        }
    }

    @Test("Redis that went back to an older state is brought up to date by the next score", arguments: [1, 3])
    func rollBack(_ shards: Int) async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        try await BoardFleet.with(.sqlite, 2, options) { fleet in
            let rules = BoardRules(scoreOperator: .increment, shards: shards)
            let board = try await fleet[0].createBoard("arena", BoardSettings(rules: rules))
            for number in 0..<40 { try await board.submit(1, for: Key(number % 9)) }
            let older = try TemporaryFolder()
            let (log, copy) = (fleet.redis.folder + "/appendonlydir", older.file("appendonlydir"))
            try FileManager.default.copyItem(atPath: log, toPath: copy)
            for number in 0..<40 { try await board.submit(1, for: Key(number % 11)) }
            try await board.expectProjected(fleet.store)
            fleet.redis.kill()
            try FileManager.default.removeItem(atPath: log)
            try FileManager.default.moveItem(atPath: copy, toPath: log)
            try await fleet.redis.restart()
            let other = try await fleet[1].board("arena")
            try await other.submit(1, for: Key("last"))
            try await board.expectProjected(fleet.store)
        }
    }

    @Test("a board that an earlier version left in another form is loaded again", arguments: [0, 3])
    func otherForm(_ members: Int) async throws {
        try await BoardFleet.with(.sqlite) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.adding)
            for member in 0..<members { try await board.submit(1, for: Key(member), ranked: true) }
            #expect(try await board.top().rows.count == members)
            try fleet.redis.command("HSET", try fleet.redis.command("KEYS", "*members"), "#rules", "1ddi--")
            #expect(try await board.top().rows.count == members)
            try await board.submitFast(1, for: Key("late"))
            #expect(try await board.top().rows.count == members + 1)
        }
    }

    @Test(
        "Redis is flushed and the board rebuilt under load: no reader ever sees a part of it or an older score",
        arguments: BoardStoreKind.allCases, [1, 3])
    func flushAndRebuild(_ kind: BoardStoreKind, _ shards: Int) async throws {
        try await BoardFleet.with(kind, 4) { fleet in
            let rules = BoardRules(scoreOperator: .increment, shards: shards)
            let board = try await fleet[0].createBoard("arena", BoardSettings(rules: rules))
            for first in stride(from: 0, to: 600, by: 200) {
                _ = try await board.submit((first..<first + 200).map { BoardSubmission(member: Key($0), score: 1) })
            }
            try await board.expectProjected(fleet.store)
            let over = Counter()
            let reads = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in fleet.processes.prefix(2) {
                    group.addTask {
                        let board = try await process.board("arena")
                        var generator = SeededGenerator(seed: 3)
                        while over.count == 0 {
                            try await board.submit(1, for: Key(generator.number(in: 0...620)))
                        }
                    }
                }
                for process in fleet.processes.suffix(2) {
                    group.addTask {
                        var watch = ScoreWatch(try await process.board("arena"))
                        while over.count == 0 {
                            if try await watch.look() { reads.add() }
                        }
                    }
                }
                for turn in 0..<6 {
                    let before = reads.count
                    if turn % 2 == 0 {
                        try fleet.redis.flushAll()
                    } else {
                        try await board.rebuild(timeout: .seconds(60))
                    }
                    try await eventually("readers go on") { reads.count > before + 3 }
                }
                over.add()
                try await group.waitForAll()
            }
            try await board.expectProjected(fleet.store)
        }
    }

    /// Reads a board over and over, and knows what it must not see.
    private struct ScoreWatch {
        let board: Board
        var last: [Key: Int64] = [:]

        init(_ board: Board) {
            self.board = board
        }

        /// Reads once; false where Redis has no board at the moment, and says so.
        mutating func look() async throws -> Bool {
            do {
                let page = try await board.top(1_000, maximumAge: .zero)
                #expect(page.rows.count >= 600)
                #expect(page.rows.map(\.rank) == Array(1...page.rows.count))
                #expect(zip(page.rows, page.rows.dropFirst()).allSatisfy { $0.score >= $1.score })
                for row in page.rows {
                    #expect(row.score >= last[row.member] ?? 1)
                    last[row.member] = row.score
                }
                return true
            } catch {
                guard error.isRetriable else { throw error }
                return false
            }
        }
    }

    // MARK: - Fast scores

    @Test("fast scores reach the store behind the call, over losses of Redis", arguments: BoardStoreKind.allCases)
    func fast(_ kind: BoardStoreKind) async throws {
        try await BoardFleet.with(kind, 2) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.adding)
            for number in 0..<50 {
                let score = try await board.submitFast(1, for: Key(number % 5))
                #expect(score.rank != nil)
                if number == 25 { try fleet.redis.flushAll() }
                if number % 7 == 0 { try await fleet[1].board("arena").submit(1, for: Key(number % 5)) }
            }
            try await eventually("the store has all of them") {
                try await board.stored((0..<5).map { Key($0) }).reduce(0) { $0 + ($1?.score ?? 0) } == 58
            }
            try await board.expectProjected(fleet.store)
        }
    }

    @Test("a fast call that fails on its way says that some are in place, and the store gets them", arguments: [1, 4])
    func fastHalf(_ shards: Int) async throws {
        let store = InMemoryStore(deployment: "test")
        try await BoardFleet.with(store) { fleet in
            let rules = BoardRules(scoreOperator: .set, shards: shards)
            try await fleet[0].createBoard("arena", BoardSettings(rules: rules)).submit(0, for: Key(0))
            let calls = Counter()
            var context = fleet[0].context
            context.rewrite = { script, arguments in
                guard script.name.hasPrefix("board/submit"), calls.add() == 2 else {
                    return (script, arguments)
                }
                return (Self.outOfMemory, arguments)
            }
            let failing = MemoryStore(context, ownsCommitter: false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await failing.run() }
                let board = try await failing.board("arena")
                let submissions = (0..<250).map { BoardSubmission(member: Key($0), score: Int64($0) + 1) }
                #expect(await code { _ = try await board.submitFast(submissions) } == .outcomeUnknown)
                // Nothing of one call alone is in place: it says so, and nothing comes later.
                calls.add(1 - calls.count)
                #expect(await code { _ = try await board.submitFast(5, for: Key("alone")) } == .unavailable)
                try await eventually("the store has them") {
                    try await board.stored((0..<250).map { Key($0) }).map { $0?.score } == (1...250).map { Int64($0) }
                }
                try await board.expectProjected(store)
                #expect(try await board.stored([Key("alone")]) == [nil])
                group.cancelAll()
            }
        }
    }

    private static let outOfMemory = Script(
        name: "test/out_of_memory", source: "#!lua\nreturn redis.error_reply('OOM command not allowed')\n")

    @Test("fast scores of a process that ends in order are in the store")
    func drain() async throws {
        let store = InMemoryStore(deployment: "test")
        try await BoardFleet.with(store) { fleet in
            try await fleet.withProcess { memory in
                let board = try await memory.createBoard("arena", Self.adding)
                for number in 0..<300 { try await board.submitFast(1, for: Key(number), ranked: false) }
            }
            let board = try await fleet[0].board("arena")
            let stored = try await board.stored((0..<300).map { Key($0) })
            #expect(stored.allSatisfy { $0?.score == 1 })
            try await board.expectProjected(store)
        }
    }

    // MARK: - The store

    @Test("a store whose answers are lost applies every score once, and says when it is not known")
    func lostAnswers() async throws {
        let store = InMemoryStore(deployment: "test")
        let faults = Mutex(SeededGenerator(seed: 11))
        let failing = FailingStore(store) { call in
            guard case .execute(let requests) = call.kind,
                requests.contains(where: { if case .submit = $0 { true } else { false } })
            else { return .none }
            return faults.withLock { generator in
                switch generator.number(in: 0...5) {
                case 0: .before()
                case 1: .before(StoreError(.outcomeUnknown, "injected"))
                case 2: .after()
                default: .none
                }
            }
        }
        try await BoardFleet.with(failing, 2) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.adding)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in fleet.processes {
                    for _ in 0..<4 {
                        group.addTask {
                            let board = try await process.board("arena")
                            for number in 0..<10 {
                                try await board.submit(1, for: Key(number % 3), timeout: .seconds(60))
                                try await board.submitFast(1, for: Key(number % 3 + 10), ranked: false)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("the store has all of them once") {
                try await board.stored([0, 1, 2, 10, 11, 12].map { Key($0) }).compactMap { $0?.score }
                    == [32, 24, 24, 32, 24, 24]
            }
            try await board.expectProjected(store)
        }
    }

    @Test("a call of many scores that loses its deadline half-way says that some are in place")
    func halfDone() async throws {
        let store = InMemoryStore(deployment: "test")
        let groups = Counter()
        let failing = FailingStore(store) { call in
            guard case .execute(let requests) = call.kind,
                requests.contains(where: { if case .submit = $0 { true } else { false } }),
                groups.add() > 1
            else { return .none }
            return .before()
        }
        try await BoardFleet.with(failing) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.adding)
            let submissions = (0..<300).map { BoardSubmission(member: Key($0), score: 1) }
            var half: MemoryStoreError.Code?
            // On a machine that stands still for so long nothing has begun by the deadline.
            for limit in [300, 3_000, 30_000] as [Int64] where groups.count == 0 {
                half = await code { _ = try await board.submit(submissions, timeout: .milliseconds(limit)) }
            }
            #expect(half == .outcomeUnknown)
            let untouched = await code { try await board.submit(1, for: Key(0), timeout: .milliseconds(100)) }
            #expect(untouched == .unavailable || untouched == .deadline)
            let stored = try await board.stored(submissions.map(\.member)).compactMap { $0 }
            #expect(stored.count == ScoreBatch.maximumSubmissions)
        }
    }

    @Test("a caller that is cancelled while its scores are under way learns what became of them")
    func cancelled() async throws {
        let store = InMemoryStore(deployment: "test")
        let gate = AsyncStream<Void>.makeStream()
        let entered = Counter()
        let slow = FailingStore(store) { call in
            guard case .execute(let requests) = call.kind,
                requests.contains(where: { if case .submit = $0 { true } else { false } })
            else { return .none }
            entered.add()
            for await _ in gate.stream {}
            return .none
        }
        try await BoardFleet.with(slow) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.adding)
            let submissions = (0..<300).map { BoardSubmission(member: Key($0), score: 1) }
            let call = Task { try await board.submit(submissions) }
            try await eventually("the first batch is under way") { entered.count > 0 }
            let waiting = Task { try await board.submit(1, for: Key("late")) }
            try await eventually("the second caller waits") {
                try fleet[0].requireBoards().writer.state.withLock { $0.batcher.waitingCount } > 44
            }
            call.cancel()
            waiting.cancel()
            #expect(await code { _ = try await waiting.value } == .deadline)
            gate.continuation.finish()
            #expect(try await call.value.count == 300)
            #expect(
                try await board.stored([Key("late"), Key(299)]) == [
                    nil, BoardScore(score: 1, subscore: 0, submissions: 1),
                ])
        }
    }
}
