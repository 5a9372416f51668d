import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import MetricsTestKit
import TestServers
import Testing

import enum Metrics.MetricsSystem
import func Metrics.withMetricsFactory

struct GiveCoins: ProfileOperation {
    static let name = "give.coins"
    var coins: Int

    func apply(to player: inout Player) { player.coins += coins }
}

struct TakeCoins: ProfileOperation {
    static let name = "take.coins"
    var coins: Int

    func apply(to player: inout Player) throws {
        guard player.coins >= coins else { throw OperationRefusal("too poor") }
        player.coins -= coins
    }
}

@Suite("What is told of a trade", .timeLimit(.minutes(3)))
struct TradeTraceTests {
    private let patience = Duration.seconds(30)

    /// Two watched servers, with a player on each.
    private struct Pair {
        let watcher = Watcher()
        let metrics = TestMetrics()
        let fleet: TestFleet
        let servers: [TestServer]
        let players: [ProfileCollection<Player>]

        init(_ patience: Duration) async throws {
            let watcher = watcher
            let fleet = try await TestFleet()
            self.fleet = fleet
            servers = try await withMetricsFactory(metrics) {
                var servers: [TestServer] = []
                for id in ["a", "b"] {
                    let configuration = watcher.configuration(fleet, id)
                    servers.append(try await fleet.start(configuration, logger: watcher.lines.logger(level: .error)))
                }
                return servers
            }
            players = try servers.map { server in
                var options = CollectionOptions<Player> { _ in Player() }
                try options.handle(GiveCoins.self)
                try options.handle(TakeCoins.self)
                return try server.coordinator.collection("players", of: Player.self, options: options)
            }
            for (index, players) in players.enumerated() {
                let session = try await players.open(Key(index), timeout: patience)
                try session.edit { $0.coins = 100 }
                try await session.save(timeout: patience)
            }
        }

        /// Both pay, the one on the first server more.
        func trade(_ id: String, _ coins: Int, timeout: Duration) async throws -> TradeOutcome {
            let players = players[0]
            return try await servers[0].coordinator.trade(id: id, timeout: timeout) { trade in
                for (payer, amount) in [(0, 10), (1, coins)] {
                    let key = Key(payer)
                    try trade.take(TakeCoins(coins: amount), from: key, in: players, refund: GiveCoins(coins: amount))
                    try trade.give(GiveCoins(coins: amount), to: Key(1 - payer), in: players)
                }
            }
        }

        func count(_ name: String, _ outcome: String? = nil) -> Int64 {
            let counter = try? metrics.expectCounter(name, outcome.map { [("outcome", $0)] } ?? [])
            return counter?.totalValue ?? -1
        }

        func drain() async throws {
            for server in servers { try await server.drain() }
        }
    }

    @Test("its begin, each leg and its end carry its id on every server")
    func committed() async throws {
        let pair = try await Pair(patience)
        let outcome = try await pair.trade("offer:1", 5, timeout: patience)
        #expect(outcome == .committed)
        let watcher = pair.watcher
        try await eventually("what was given has arrived") {
            watcher.calls("operation", "trade:offer:1:give").contains("a operation apply applied")
        }
        let calls = Set(watcher.calls("trade", "offer:1"))
        #expect(calls.isSuperset(of: ["a trade begin committed", "b trade leg committed", "a trade trade committed"]))
        let trade = try #require(watcher.spans("holdfast.trade", "trade", "offer:1").first)
        let begin = try #require(watcher.spans("holdfast.begin", "trade", "offer:1").first)
        let leg = try #require(watcher.spans("holdfast.leg", "trade", "offer:1").first)
        #expect(begin.parentSpanID == trade.spanID && begin.traceID == trade.traceID)
        // Servers are linked by the trade's id alone.
        #expect(leg.traceID != trade.traceID && Watcher.text(leg, "holdfast.record") == "players/1")
        #expect(Watcher.text(trade, "holdfast.outcome") == "committed" && trade.status == nil)
        #expect(pair.count("holdfast_trades_begun_total") == 1 && pair.count("holdfast_trades_total", "committed") == 1)
        #expect(try pair.metrics.expectTimer("holdfast_trade_seconds").values.count == 1)
        try await pair.drain()
    }

    @Test("one that is refused says by whom it ended, and its journal's end is no recovery")
    func refused() async throws {
        let pair = try await Pair(patience)
        let outcome = try await pair.trade("offer:2", 500, timeout: patience)
        guard case .aborted = outcome else {
            Issue.record("sold to the poor: \(outcome)")
            return
        }
        // The other server may be about to say so.
        try await eventually("both have told of it") {
            let calls = pair.watcher.calls("trade", "offer:2")
            return calls.contains("b trade leg refused") && calls.contains("a trade trade refused")
        }
        #expect(pair.count("holdfast_trades_total", "refused") == 1)
        let contents = pair.fleet.store.contents
        try await eventually("the journal has forgotten it") {
            let logs = try await contents.logs(startingWith: Array("trade:".utf8), after: nil, limit: 100)
            return logs.allSatisfy { $0.count == 0 }
        }
        #expect(pair.count("holdfast_trades_recovered_total") == 0)
        try await pair.drain()
    }

    @Test("one that nobody decides tells of its recall and of each refund, and how it ended")
    func timedOut() async throws {
        let pair = try await Pair(patience)
        // Nobody sees an operation, so the leg stays where it is.
        pair.fleet.store.fail(.before(), times: 1_000_000) { if case .operations = $0.kind { true } else { false } }
        let outcome = try await pair.trade("offer:3", 5, timeout: .seconds(2))
        guard case .aborted(let abort) = outcome else {
            Issue.record("made without its partner: \(outcome)")
            return
        }
        #expect(abort.cause == .timedOut)
        let calls = pair.watcher.calls("trade", "offer:3")
        for call in ["begin committed", "recall aborted", "refund delivered", "trade timedOut"] {
            #expect(calls.contains("a trade \(call)"), "\(call) is missing in \(calls)")
        }
        let refund = try #require(pair.watcher.spans("holdfast.refund", "trade", "offer:3").first)
        let recall = try #require(pair.watcher.spans("holdfast.recall", "trade", "offer:3").first)
        #expect(refund.parentSpanID == recall.spanID && Watcher.text(refund, "holdfast.record") == "players/0")
        #expect(pair.count("holdfast_trade_refunds_total") == 1 && pair.count("holdfast_trades_total", "timedOut") == 1)
        pair.fleet.store.comeBack()
        try await eventually("the refund has arrived") {
            pair.watcher.calls("operation", "trade:offer:3:refund").contains("a operation apply applied")
        }
        try await pair.drain()
    }

    @Test("a call that throws is counted by its code")
    func failures() async throws {
        let pair = try await Pair(patience)
        // Both players are on other servers, or nowhere.
        await #expect(throws: ProfileError.self) {
            try await pair.servers[1].coordinator.trade(id: "offer:4", timeout: patience) { trade in
                let players = pair.players[1]
                try trade.take(TakeCoins(coins: 1), from: Key(0), in: players, refund: GiveCoins(coins: 1))
                try trade.give(GiveCoins(coins: 1), to: Key(1), in: players)
            }
        }
        let failures = try pair.metrics.expectCounter("holdfast_trade_failures_total", [("code", "held")])
        #expect(failures.totalValue == 1)
        try await pair.drain()
    }
}
