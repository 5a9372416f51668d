import Holdfast

/// The programs of "Operations", to be compiled.
enum OperationsArticle {
    struct Player: Codable, Sendable {
        var coins = 0
        var number = 0
    }

    struct GrantCoins: ProfileOperation {
        static let name = "grant.coins"
        var coins: Int

        func apply(to player: inout Player) { player.coins += coins }
    }

    static func example(_ coordinator: Coordinator) async throws {
        struct GrantCoins: ProfileOperation {
            static let name = "grant.coins"  // stored: it outlives a rename of the type
            var coins: Int

            func apply(to player: inout Player) throws {
                guard coins > 0 else { throw OperationRefusal("nothing to grant") }
                player.coins += coins
            }
        }

        var options = CollectionOptions<Player> { _ in Player() }
        try options.handle(GrantCoins.self) { grant, applied in
            print("\(applied.record.key) has \(grant.coins) more")  // a side effect, after the commit
        }
        let players = try coordinator.collection("players", of: Player.self, options: options)

        // From any server. Durable: the store has it.
        try await players.deliver(GrantCoins(coins: 250), to: 77, id: "match:9:reward")
        let receipt = try await players.result(of: "match:9:reward", key: 77, timeout: .seconds(5))
        use(receipt)
    }

    struct Invited: DeliveringOperation {
        static let name = "invited"
        var by: Int

        func apply(to player: inout Player, delivering outbox: inout Outbox) throws {
            player.coins += 10
            try outbox.deliver(GrantCoins(coins: 5), to: Key(by), in: "players", id: "inviting:\(player.number)")
        }
    }

    struct PayWages: SteppedOperation {
        static let name = "pay.wages"
        var days: Int

        mutating func step(_ player: inout Player) throws -> OperationStep {
            player.coins += 10
            days -= 1
            return days > 0 ? .again(after: .seconds(60)) : .done
        }
    }
}
