import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Sells a lantern, and finds nobody who can pay a thousand coins for wood.
    func visitMarket(_ seller: Session<Player>, _ buyer: Session<Player>) async throws {
        let market = Market(coordinator: coordinator, players: players)
        var offer = Offer(
            id: "trade:market:1", seller: seller.key, buyer: buyer.key, item: .lantern, count: 1, price: 40,
            madeAt: clock.now())
        for _ in 1...2 { tell(try await market.carryOut(offer), of: offer) }  // the second time tells it again
        summary.check(
            buyer.document.inventory.count(of: .lantern) == 1 && buyer.document.wallet[.coins] == 10
                && seller.document.wallet[.coins] == 210,
            "a lantern is sold at the market, once")

        let before = (seller.document, buyer.document)
        (offer.id, offer.item, offer.count, offer.price) = ("trade:market:2", .wood, 10, 1_000)
        let outcome = try await market.carryOut(offer)
        tell(outcome, of: offer)
        summary.check(
            outcome != .committed && seller.document.inventory == before.0.inventory
                && buyer.document.wallet == before.1.wallet,
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
