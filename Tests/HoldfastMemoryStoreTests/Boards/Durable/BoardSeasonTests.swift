import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Seasons over a store and processes whose clock the test moves.
@Suite struct BoardSeasonTests {
    private static let daily = BoardSettings(rules: BoardRules(scoreOperator: .increment), schedule: .daily)

    private static func with(
        _ count: Int = 1, _ body: @escaping @Sendable (BoardFleet, BoardClock) async throws -> Void
    ) async throws {
        let clock = BoardClock()
        let store = InMemoryStore(deployment: "test") { clock.now }
        try await BoardFleet.with(store, clock: clock, count) { try await body($0, clock) }
    }

    @Test("a season ends at its instant, the next one starts empty, and the old one stays readable")
    func rollOver() async throws {
        try await Self.with(2) { fleet, clock in
            let board = try await fleet[0].createBoard("arena", Self.daily)
            let first = try board.info().season
            #expect(first.id == clock.now && first.endsAtMillis == clock.now + BoardClock.day)
            try await board.submit(5, for: Key("ann"))
            try await board.submitFast(2, for: Key("ann"))
            try await eventually("the fast score is in the store") {
                try await board.stored([Key("ann")]).first??.score == 7
            }
            clock.advance(BoardClock.day - 1)
            try await board.submit(1, for: Key("ann"))
            clock.advance(1)
            #expect(try await board.count() == 0)
            #expect(try await board.submit(3, for: Key("ben"), ranked: true).rank == 1)
            #expect(try await board.rank(of: Key("ann")) == nil)
            let seasons = try await board.seasons()
            #expect(seasons.map(\.season.id) == [first.id + BoardClock.day, first.id])
            #expect(seasons.map(\.isCurrent) == [true, false] && seasons.map(\.members) == [1, 1])
            #expect(try await board.seasons(before: first.id + 1, limit: 1).map(\.season.id) == [first.id])

            for process in fleet.processes {
                let old = try await process.board("arena").season(first.id)
                #expect(try await old.top().rows.map(\.score) == [8])
                #expect(await code { try await old.submit(1, for: Key("ann")) } == .notOpen)
                #expect(await code { try await old.submitFast(1, for: Key("ann")) } == .notOpen)
            }
            let old = try await board.season(first.id)
            // Redis lost it; its first reader brings it back.
            try fleet.redis.flushAll()
            #expect(try await old.rank(of: Key("ann"))?.score == 8)
            // Somebody is found out after the end.
            try await old.remove([Key("ann")])
            #expect(try await old.count() == 0)
            for id in [first.id + 1, first.id - BoardClock.day] {
                #expect(await code { _ = try await board.season(id) } == .notFound)
            }
        }
    }

    @Test("the store's clock decides which season a score belongs to, however late the process is")
    func lateClock() async throws {
        let clock = BoardClock()
        let late = BoardClock()
        let store = InMemoryStore(deployment: "test") { clock.now }
        try await BoardFleet.with(store, clock: late) { fleet in
            let board = try await fleet[0].createBoard("arena", Self.daily)
            try await board.submit(1, for: Key("ann"))
            clock.advance(BoardClock.day)
            try await board.submit(10, for: Key("ann"))
            late.advance(BoardClock.day)
            #expect(try await board.stored([Key("ann")]).first??.score == 10)
            #expect(try await board.rank(of: Key("ann"))?.score == 10)
            let first = try await board.season(clock.now - BoardClock.day)
            #expect(try await first.stored([Key("ann")]).first??.score == 1)
        }
    }

    @Test("the end of each season is announced once, in order, when Redis has all of it")
    func hook() async throws {
        try await Self.with(3) { fleet, clock in
            let ended = Mutex<[String]>([])
            for process in fleet.processes {
                try await process.createBoard("arena", Self.daily).onSeasonEnd { board, season in
                    let rows = try await board.top().rows.map { "\($0.member)=\($0.score)" }
                    ended.withLock { $0.append("\(season.id): \(rows.joined(separator: ","))") }
                }
            }
            let board = try await fleet[0].board("arena")
            let first = clock.now
            try await board.submit(1, for: Key("ann"))
            clock.advance(BoardClock.day)
            // What Redis loses at the worst moment is there again for the hook.
            try fleet.redis.flushAll()
            try await eventually("the first season is announced") {
                ended.withLock { $0.count } == 1
            }
            try await board.submit(2, for: Key("ben"))
            clock.advance(2 * BoardClock.day)
            try await eventually("two more seasons are announced") {
                ended.withLock { $0.count } == 3
            }
            let wanted = ["\(first): ann=1", "\(first + BoardClock.day): ben=2", "\(first + 2 * BoardClock.day): "]
            #expect(ended.withLock { $0 } == wanted)
            // Nobody calls it again.
            clock.advance(BoardClock.day)
            try await eventually("one more") { ended.withLock { $0.count } >= 4 }
            #expect(ended.withLock { $0.count } == 4)
        }
    }

    @Test("a process that ends or dies in its hook leaves the season to another one", arguments: [false, true])
    func hookDies(_ isKilled: Bool) async throws {
        let clock = BoardClock()
        let store = InMemoryStore(deployment: "test") { clock.now }
        try await BoardFleet.with(store, clock: clock) { fleet in
            let first = clock.now
            let calls = Mutex<[String]>([])
            try await fleet.withProcess(clock: clock) { memory in
                let board = try await memory.createBoard("arena", Self.daily)
                try await board.submit(1, for: Key("ann"))
                try board.onSeasonEnd { _, season in
                    calls.withLock { $0.append("dies in \(season.id)") }
                    // The process ends before this does.
                    try await Task.sleep(for: .seconds(600))
                }
                clock.advance(BoardClock.day)
                try await eventually("the hook is called") { calls.withLock { $0.count } == 1 }
                // A process that is killed leaves its duty behind, which ends some seconds later.
                if isKilled { fleet.redis.kill() }
            }
            if isKilled { try await fleet.redis.restart() }
            let board = try await fleet[0].board("arena")
            let failures = Counter()
            try board.onSeasonEnd { board, season in
                let rows = try await board.top().rows.map(\.score)
                calls.withLock { $0.append("\(rows) in \(season.id)") }
                if failures.add() == 1 { throw CancellationError() }
            }
            // A hook that fails is called again, too.
            try await eventually("another process calls it until it succeeds") {
                calls.withLock { $0.count } == 3
            }
            #expect(calls.withLock { $0 } == ["dies in \(first)", "[1] in \(first)", "[1] in \(first)"])
        }
    }

    @Test("seasons beyond those kept are removed, old ones leave Redis and come back for a reader")
    func cleaning() async throws {
        try await Self.with { fleet, clock in
            var settings = Self.daily
            settings.keptSeasons = 2
            let board = try await fleet[0].createBoard("arena", settings)
            let first = clock.now
            for day in 0..<5 {
                try await board.submit(Int64(day), for: Key("ann"))
                clock.advance(BoardClock.day)
            }
            let duties = BoardDuties(try fleet[0].requireBoards())
            await duties.clean()
            #expect(try await board.seasons().map { ($0.season.id - first) / BoardClock.day } == [4, 3])
            #expect(await code { _ = try await board.season(first + 2 * BoardClock.day) } == .notFound)
            clock.advance(BoardClock.day + 1)
            await duties.clean()
            let keys = try fleet.redis.command("KEYS", "*")
            #expect(!keys.contains(".\(first + 4 * BoardClock.day)."))
            let old = try await board.season(first + 4 * BoardClock.day)
            #expect(try await old.top().rows.map(\.score) == [4])
        }
    }
}
