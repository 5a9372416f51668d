import Holdfast

/// The programs of "Profiles", to be compiled.
enum ProfilesArticle {
    struct Player: Codable, Sendable {
        var name = ""
        var coins = 0
        var lastLogin: Int64 = 0
        var position = 0
        var isBanned = false
    }

    struct GrantCoins: ProfileOperation {
        static let name = "grant.coins"
        var coins: Int

        func apply(to player: inout Player) { player.coins += coins }
    }

    struct Guild: Codable, Sendable {
        var members = 0
        var motto = ""
    }

    static func overview(_ coordinator: Coordinator, now: @escaping @Sendable () -> Int64) async throws {
        let world = (position: 1, name: "main")
        var options = CollectionOptions<Player> { key in Player(name: "Player \(key)") }
        options.validate { player in
            guard player.coins >= 0 else { throw InvalidField("coins", "a purse is not negative") }
        }
        options.onJoining { session in try session.edit { $0.lastLogin = now() } }
        options.beforeSave { player in player.position = world.position }
        let players = try coordinator.collection("players", of: Player.self, options: options)

        try await players.withSession(for: Key(42)) { session in
            try session.edit(reason: "quest 7") { $0.coins += 100 }  // in memory, all or nothing
            try await session.save()  // durable
        }
    }

    static func outbox(
        _ session: Session<Player>, _ players: ProfileCollection<Player>, friend: Key, giftID: String
    ) throws {
        try session.edit { player, outbox in
            player.coins -= 50
            try outbox.deliver(GrantCoins(coins: 50), to: friend, in: players, id: "gift:\(giftID)")
        }
    }

    static func work(_ coordinator: Coordinator, _ players: ProfileCollection<Player>) async throws {
        let gift = try players.enqueue(Key(42)) { session in try session.edit { $0.coins += 10 } }
        try players.enqueue(Key(43), priority: .emergency) { session in try session.edit { $0.isBanned = true } }
        try await gift.value()  // done, and durable
        try await coordinator.work.drain(timeout: .seconds(20))  // waits until all is done
        coordinator.work.discard(.allButEmergencies)  // drops what has not begun
    }

    static func changes(_ session: Session<Player>) throws {
        try session.add(-30, to: "coins", in: 0...1_000_000)  // refused below 0
        try session.add(5, to: "stats.level", in: 1...60, clamping: true)  // stays at the cap
    }

    static func shared(_ coordinator: Coordinator) async throws {
        let guilds = try coordinator.sharedCollection("guilds", of: Guild.self, options: .init { _ in Guild() })
        let owls = try Key("owls")
        try await guilds.update(owls) { $0.members += 1 }  // durable
        try await guilds.update(owls, if: .version(7)) { $0.motto = "Hoot" }  // or `conflict`
    }
}
