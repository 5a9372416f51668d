import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Plays: memory only, saved on schedule.
    func play(_ session: Session<Player>) throws {
        let now = clock.now()
        try session.edit { player in
            _ = try player.inventory.add(.wood, count: 40)
            player.statistics.blocksBroken += 40
            player.profile.rise(by: 2)
            player.character.evolve(to: "Wanderer")
            try player.effects.give("haste", for: .seconds(60), .extend, at: now)
        }
        server.counters.place(7, by: session.document)
        let dashes = try session.edit { player in
            [
                try player.cooldowns.use("dash", for: .seconds(5), at: now),
                try player.cooldowns.use("dash", for: .seconds(5), at: now + 1_000),
            ]
        }
        summary.check(dashes == [true, false], "a dash has a cooldown")
    }

    /// Buys for the game's own money: an edit that changes all of it or nothing.
    func shop(_ session: Session<Player>) throws {
        let now = clock.now()
        func buy(_ price: Int64) throws {
            try session.edit { player in
                _ = try player.inventory.add(.lantern, count: 1)
                try player.pay(price, of: .coins, id: "shop:\(now):\(price)", reason: "lantern", at: now)
            }
        }
        try buy(30)
        do {
            try buy(1_000_000)
            summary.check(false, "too high a price is refused")
        } catch let error as GameplayError {
            let lanterns = session.document.inventory.count(of: .lantern)
            summary.check(
                error.code == .insufficient && lanterns == 1,
                "too high a price is refused, and the lantern is back on the shelf")
        }
    }

    /// Real money: an operation whose id is the platform's, delivered as often as the platform likes.
    func purchase(for session: Session<Player>) async throws {
        let purchase = Purchase(id: "1001", product: "starter-pack", purchasedAt: clock.now())
        let id = "purchase:\(purchase.id)"
        for _ in 1...3 { try await players.deliver(purchase, to: session.key, id: id) }
        let receipt = try await players.result(of: id, key: session.key)  // the effect is on disk, too
        let player = session.document
        summary.check(
            receipt.state == .applied && player.inventory.count(of: .sword) == 1 && player.wallet[.gems] == 510,
            "a purchase that is reported three times is given once")

        let unknown = Purchase(id: "1002", product: "moon", purchasedAt: clock.now())
        try await players.deliver(unknown, to: session.key, id: "purchase:1002")
        let refused = try await players.result(of: "purchase:1002", key: session.key)
        summary.check(refused.state == .dead, "what nobody sells becomes a dead letter, with a reason")
    }
}
