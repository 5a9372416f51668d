import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Trades between two players of this server: one store transaction over both, or nothing.
    func trade(_ seller: Session<Player>, _ buyer: Session<Player>) async throws {
        let now = clock.now()
        let id = "trade:\(seller.key):\(buyer.key):\(now)"
        try await coordinator.transaction(seller, buyer) { seller, buyer in
            try seller.inventory.transfer(.wood, count: 10, to: &buyer.inventory)
            let change = try buyer.wallet.transfer(50, of: .coins, to: &seller.wallet)
            try buyer.note(change.from, id: id, reason: "trade", at: now)
            try seller.note(change.to, id: id, reason: "trade", at: now)
        }
        summary.check(
            buyer.document.inventory.count(of: .wood) == 10 && buyer.document.wallet[.coins] == 50,
            "ten planks of wood go for fifty coins")
    }

    /// Gives to a player who is not here, or anywhere.
    func sendGift(from session: Session<Player>, to friend: Key) async throws {
        let gift = Gift(from: "\(session.key)", item: .wood, count: 5)
        let id = "gift:\(session.key):\(clock.now())"
        try session.edit { player, outbox in
            try player.inventory.remove(gift.item, count: gift.count)
            try outbox.deliver(gift, to: friend, in: players, id: id)
        }
        try await session.save()  // one commit: given up and sent, or neither
        summary.check(
            session.lastSaved?.inventory.count(of: .wood) == session.document.inventory.count(of: .wood),
            "Ann sends wood to Cleo, who is away, and it is no longer hers on disk, too")
    }

    /// Writes one document from two sides at once; neither overwrites the other.
    func foundGuild() async throws {
        let guild = Key(7)
        let founded = try await guilds.update(guild, if: .absent) { $0.motto = "Hoot" }
        async let ann = guilds.update(guild) { $0.members.append("Ann") }
        async let ben = guilds.update(guild) { $0.members.append("Ben") }
        _ = try await (ann, ben)
        let members = try await guilds.read(guild)?.document.members
        summary.check(members?.sorted() == ["Ann", "Ben"], "Ann and Ben join one guild at the same time")
        do {
            try await guilds.update(guild, if: .version(founded.version)) { $0.motto = "Silence" }
            summary.check(false, "a motto is not changed by who has not seen the members")
        } catch let error as ProfileError {
            summary.check(error.code == .conflict, "a motto is not changed by who has not seen the members")
        }
    }

    /// Tells all servers.
    func announce() async throws {
        let news = try memory.announcements("news", of: String.self)
        let subscription = try await news.subscribe()
        try await news.publish("Ann has reached level 4")
        let heard = try await withDeadline("the announcement is heard") {
            for await case .message(let announcement) in subscription { return announcement.value }
            return ""
        }
        summary.check(heard == "Ann has reached level 4", "every server hears the news")
    }

    /// Ranks come from the saved profiles.
    func ranks() async throws {
        let board = try await memory.board("level")
        try await eventually("the board follows") { try await board.top(3).rows.first?.score == 4 }
        let rows = try await board.top(3).rows
        summary.check(rows.first?.member == Self.ann && rows.count == 3, "Ann leads the board of levels")
    }
}
