import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("Legs of trades that nobody of ours has sent", .timeLimit(.minutes(2)))
struct TradeMessageTests {
    @Test(
        "a leg whose numbers make no sense is a dead letter, and its record is opened and saved as ever",
        arguments: [(9, 0), (-1, -1), (1, 7), (Int.max, 1)])
    func senseless(escrowed: Int, position: Int) async throws {
        let store = InMemoryStore(deployment: "test")
        let fleet = try await Fleet(store: store)
        let market = try Market(try await fleet.server("a"))
        try await market.seat(1)
        let records = [market.players.record(Key(1)).id, market.players.record(Key(2)).id]
        let plan = TradePlan(id: "t", legs: records.map { TradeLeg($0) }, escrowed: escrowed, timeoutMillis: 1)
        let message = try DocumentEncoder().encode(TradeMessage(plan: plan, position: position))
        let leg = Delivery(
            record: records[0], id: try OperationID("trade:t:leg"), type: TradePlan.operationType,
            payload: try CanonicalJSON.write(message))
        _ = try await store.execute([.deliver(leg)])
        let session = try await market.players.open(Key(1))
        #expect(
            try await eventually {
                try await market.players.operation("trade:t:leg", of: Key(1))?.state == .dead
            })
        try session.edit { $0.coins += 1 }
        try await session.close()
        #expect(try await market.players.read(Key(1))?.document.coins == 101)
        try await market.server.drain()
    }
}
