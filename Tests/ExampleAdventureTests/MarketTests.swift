import Holdfast
import HoldfastGameplay
import Testing

@testable import ExampleAdventure

/// Whatever happens at the market, coins and items add up.
@Suite struct MarketTests {
    private static let (ann, ben) = (Key(1), Key(2))

    private func offer(price: Int64) -> Offer {
        Offer(
            id: "trade:1", seller: Self.ann, buyer: Self.ben, item: .lantern, count: 1, price: price, madeAt: 1_000)
    }

    /// Ann with a lantern on the one server, and Ben on the same or the other one; each has a hundred coins.
    private func withPlayers(
        apart: Bool, _ body: (TinyServer, Session<Player>, Session<Player>) async throws -> Void
    ) async throws {
        try await TinyServer.withTwo { first, second in
            let ann = try await first.players.open(Self.ann)
            let ben = try await (apart ? second : first).players.open(Self.ben)
            try ann.edit { _ = try $0.inventory.add(.lantern, count: 1) }
            try await ann.save()
            try await ben.save()
            try await body(first, ann, ben)
            try await ann.close()
            try await ben.close()
            let snapshots = try await [first.players.read(Self.ann), first.players.read(Self.ben)]
            let saved = snapshots.compactMap { $0?.document }
            #expect(saved.reduce(0) { $0 + $1.wallet[.coins] } == 200)
            #expect(saved.reduce(0) { $0 + $1.inventory.count(of: .lantern) } == 1)
            #expect(Ledger.faults(in: saved.flatMap(\.ledger)) { $0.hasPrefix("trade:") }.isEmpty)
        }
    }

    @Test("an offer that is taken moves item and coins, once, on one server and across two", arguments: [false, true])
    func sale(apart: Bool) async throws {
        try await withPlayers(apart: apart) { server, ann, ben in
            for _ in 1...2 {
                let outcome = try await server.market.carryOut(offer(price: 40))
                #expect(outcome == .committed)
            }
            try await eventually("what was traded has arrived") {
                ann.document.wallet[.coins] == 140 && ben.document.inventory.count(of: .lantern) == 1
            }
            #expect(ann.document.inventory.count(of: .lantern) == 0)
            #expect(ben.document.wallet[.coins] == 60)
        }
    }

    @Test("what the buyer cannot pay is aborted, and everything is back where it was", arguments: [false, true])
    func tooDear(apart: Bool) async throws {
        try await withPlayers(apart: apart) { server, ann, ben in
            let outcome = try await server.market.carryOut(offer(price: 1_000))
            guard case .aborted(let abort) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(abort.cause == .refused)
            #expect(abort.record?.key == Self.ben)
            try await eventually("the lantern is back") { ann.document.inventory.count(of: .lantern) == 1 }
            #expect(ann.document.wallet[.coins] == 100)
            #expect(ben.document.wallet[.coins] == 100)
            let verdict = try await server.coordinator.tradeVerdict("trade:1")
            #expect(verdict == .aborted)
        }
    }

    @Test("an engraved item is not sold as a plain one")
    func engraved() throws {
        var player = try Player.options(clock: GameClock()).template(Self.ann)
        _ = try player.inventory.add(.lantern, count: 1, metadata: ["name": "Ann's"])
        #expect(throws: GameplayError.self) { try TakeItems(item: .lantern, count: 1).apply(to: &player) }
        #expect(player.inventory.count(of: .lantern) == 1)
    }
}
