import HoldfastProfiles
import HoldfastStorage
import ModelTesting
import Synchronization
import Testing

/// A fleet that trades at random while its store fails and its servers die.
@Suite("A fleet of traders", .timeLimit(.minutes(5)))
struct TradeFleetTests {
    fileprivate static let players = 8

    /// Fails one call in ten while it is on, half of them after they took effect.
    private final class Weather: Sendable {
        let isBad = Flag()
        private let random: Mutex<SeededGenerator>

        init(seed: UInt64) { random = Mutex(SeededGenerator(seed: seed)) }

        func fault(_ call: FailingStore.Call) -> FailingStore.Fault {
            guard isBad.value else { return .none }
            return switch random.withLock({ $0.next() % 20 }) {
            case 0: .before()
            case 1: .after()
            default: .none
            }
        }
    }

    @Test("whatever fails and whoever dies, coins and things are neither made nor lost")
    func conservation() async throws {
        // Two fleets that know nothing of each other; most of the time they wait.
        async let other: Void = play(seed: 2)
        try await play(seed: 1)
        try await other
    }

    private func play(seed: UInt64) async throws {
        let weather = Weather(seed: seed)
        let memory = InMemoryStore(deployment: "test")
        let fleet = try await Fleet(
            store: FailingStore(memory) { weather.fault($0) },
            timings: DeploymentTimings(leaseMillis: 60_000, renewMillis: 100, beatMillis: 20), beatsToLive: 100)
        var random = SeededGenerator(seed: seed)
        var markets: [Market] = []
        for index in 0..<3 { markets.append(try await Self.start(fleet, "s\(index)")) }
        for key in 0..<Self.players { try await markets[0].seat(key, coins: 100, "thing-\(key)") }
        weather.isBad.value = true

        let told = Log<(id: String, outcome: TradeOutcome)>()
        for round in 0..<4 {
            // Players sit somewhere for the round, so that most trades cross servers.
            let seats = (0..<Self.players).map { _ in markets[Int(random.next() % 3)] }
            let orders = (0..<8).map { Order(round: round, number: $0, markets, &random) }
            let victim = round % 2 == 1 ? Int(random.next() % 3) : nil
            let dying = victim.map { markets[$0] }
            await withTaskGroup(of: Void.self) { group in
                for (key, market) in seats.enumerated() {
                    group.addTask { _ = try? await market.players.open(Key(key), timeout: .seconds(1)) }
                }
            }
            await withTaskGroup(of: Void.self) { group in
                for order in orders {
                    group.addTask {
                        if let outcome = try? await order.carryOut() { told.add((order.id, outcome)) }
                    }
                }
                if let dying { group.addTask { await dying.server.crash() } }
            }
            if let victim { markets[victim] = try await Self.start(fleet, "s\(victim)-\(round)") }
        }

        weather.isBad.value = false
        #expect(
            try await eventually {
                let logs = try await memory.logs(startingWith: Array("trade:".utf8), after: nil, limit: 100)
                return logs.allSatisfy { $0.count == 0 }
            }, "a trade was never ended")
        for market in markets { try await market.server.drain() }
        let last = try await Self.start(fleet, "last")
        var found: [Player] = []
        for key in 0..<Self.players {
            let session = try await last.players.open(Key(key))
            #expect(try await eventually { try await memory.pendingOperations(of: [session.id]).isEmpty })
            found.append(session.document)
        }
        #expect(found.reduce(0) { $0 + $1.coins } == 100 * Self.players)
        #expect(found.flatMap(\.inventory).sorted() == (0..<Self.players).map { "thing-\($0)" })
        #expect(found.allSatisfy { $0.coins >= 0 })
        for (id, outcome) in told.all {
            let verdict = try await last.coordinator.tradeVerdict(id)
            switch outcome {
            case .committed: #expect(verdict == .committed, "\(id)")
            case .aborted: #expect(verdict == .aborted, "\(id)")
            case .pending: break
            }
        }
        try await last.server.drain()
    }

    /// A trade of random players on a random server.
    private struct Order: Sendable {
        let id: String
        let market: Market
        let keys: [Int]
        let coins: Int
        let isSale: Bool

        init(round: Int, number: Int, _ markets: [Market], _ random: inout SeededGenerator) {
            id = "trade-\(round)-\(number)"
            market = markets[Int(random.next() % 3)]
            let first = Int(random.next() % UInt64(TradeFleetTests.players))
            keys = (0..<Int(2 + random.next() % 3)).map { (first + $0 * 3) % TradeFleetTests.players }
            coins = 1 + Int(random.next() % 150)
            isSale = random.next() % 2 == 0
        }

        func carryOut() async throws -> TradeOutcome {
            let timeout = Duration.milliseconds(500)
            guard isSale else { return try await market.ring(keys, coins: coins, id: id, timeout: timeout) }
            let item = "thing-\(keys[0])"
            return try await market.sell(item, for: coins, from: keys[0], to: keys[1], id: id, timeout: timeout)
        }
    }

    private static func start(_ fleet: Fleet, _ id: String) async throws -> Market {
        try Market(
            try await fleet.server(id) { configuration in
                configuration.saveTimeout = .seconds(5)
                configuration.openTimeout = .seconds(5)
            }, room: players)
    }
}
