import Holdfast

/// Where players sell to players, on whichever servers they are.
struct Market {
    let coordinator: Coordinator
    let players: ProfileCollection<Player>

    /// Has items and coins change hands: both, or neither.
    func carryOut(_ offer: Offer) async throws -> TradeOutcome {
        let takeItems = TakeItems(item: offer.item, count: offer.count)
        let giveItems = GiveItems(item: offer.item, count: offer.count)
        let takeCoins = TakeCoins(amount: offer.price, trade: offer.id, at: offer.madeAt)
        let giveCoins = GiveCoins(amount: offer.price, trade: offer.id, at: offer.madeAt)
        return try await coordinator.trade(id: offer.id) { trade in
            try trade.take(takeItems, from: offer.seller, in: players, refund: giveItems)
            try trade.give(giveCoins, to: offer.seller, in: players)
            try trade.take(takeCoins, from: offer.buyer, in: players, refund: giveCoins)
            try trade.give(giveItems, to: offer.buyer, in: players)
        }
    }
}
