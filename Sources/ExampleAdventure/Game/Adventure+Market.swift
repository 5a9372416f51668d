import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Sells a lantern to a player of another server, and finds nobody who can pay a thousand coins for wood.
    func visitMarket(_ seller: Session<Player>, _ buyer: Session<Player>) async throws {
        let market = Market(coordinator: coordinator, players: players)
        var offer = Offer(
            id: "trade:market:1", seller: seller.key, buyer: buyer.key, item: .lantern, count: 1, price: 40,
            madeAt: clock.now())
        let (sellers, buyers) = (seller.document.wallet[.coins], buyer.document.wallet[.coins])
        for _ in 1...2 { tell(try await market.carryOut(offer), of: offer) }  // the second time tells it again
        try await eventually("the lantern is sold") {
            buyer.document.inventory.count(of: .lantern) == 1 && seller.document.wallet[.coins] == sellers + 40
        }
        summary.check(buyer.document.wallet[.coins] == buyers - 40, "a lantern is sold at the market, once")

        (offer.id, offer.item, offer.count, offer.price) = ("trade:market:2", .wood, 10, 1_000)
        let wood = seller.document.inventory.count(of: .wood)
        let outcome = try await market.carryOut(offer)
        tell(outcome, of: offer)
        try await eventually("the wood is back") { seller.document.inventory.count(of: .wood) == wood }
        summary.check(
            outcome != .committed && buyer.document.wallet[.coins] == buyers - 40,
            "what the buyer cannot pay stays with the seller")
    }

    private func tell(_ outcome: TradeOutcome, of offer: Offer) {
        switch outcome {
        case .committed: summary.tell("     \(offer.id) is sold for \(offer.price) coins")
        case .aborted(let abort): summary.tell("     \(offer.id) is not sold: \(abort.message)")
        case .pending: summary.tell("     \(offer.id) is under way: `tradeVerdict` tells later what becomes of it")
        }
    }
}
