import HoldfastProfiles
import HoldfastStorage

/// Takes coins that the player has.
struct PayCoins: ProfileOperation {
    static let name = "pay.coins"
    var coins: Int

    func apply(to player: inout Player) throws {
        guard coins > 0 else { throw OperationRefusal("no amount") }
        guard player.coins >= coins else { throw OperationRefusal("too poor") }
        player.coins -= coins
    }
}

struct GetCoins: ProfileOperation {
    static let name = "get.coins"
    var coins: Int

    func apply(to player: inout Player) throws {
        let (sum, overflow) = player.coins.addingReportingOverflow(coins)
        guard !overflow, coins >= 0 else { throw OperationRefusal("too rich") }
        player.coins = sum
    }
}

struct HandOut: ProfileOperation {
    static let name = "hand.out"
    var item: String

    func apply(to player: inout Player) throws {
        guard let index = player.inventory.firstIndex(of: item) else { throw OperationRefusal("has no \(item)") }
        player.inventory.remove(at: index)
    }
}

struct PutIn: ProfileOperation {
    static let name = "put.in"
    var item: String

    func apply(to player: inout Player) throws { player.inventory.append(item) }
}

/// Handled by nobody.
struct Unheard: ProfileOperation {
    static let name = "unheard"

    func apply(to player: inout Player) throws {}
}

/// A server with players who trade; nobody carries more things than there is room for.
struct Market: Sendable {
    let server: Server
    let players: ProfileCollection<Player>

    var coordinator: Coordinator { server.coordinator }

    init(_ server: Server, room: Int = 3) throws {
        self.server = server
        var options = CollectionOptions<Player> { _ in Player() }
        try options.handle(PayCoins.self)
        try options.handle(GetCoins.self)
        try options.handle(HandOut.self)
        try options.handle(PutIn.self)
        options.validate { player in
            guard player.inventory.count <= room else {
                throw InvalidField(DocumentPath(components: ["inventory"]), "full")
            }
        }
        players = try server.coordinator.collection("market", of: Player.self, options: options)
    }

    /// A player with coins and things, saved.
    func seat(_ key: Int, coins: Int = 100, _ things: String...) async throws {
        try await players.update(Key(key)) { player in
            player.coins = coins
            player.inventory = things
        }
    }

    /// Sells a thing for coins.
    func sell(
        _ item: String, for coins: Int, from seller: Int, to buyer: Int, id: String, timeout: Duration = .seconds(60)
    ) async throws -> TradeOutcome {
        try await coordinator.trade(id: id, timeout: timeout) { trade in
            try trade.take(HandOut(item: item), from: Key(seller), in: players, refund: PutIn(item: item))
            try trade.give(GetCoins(coins: coins), to: Key(seller), in: players)
            try trade.take(PayCoins(coins: coins), from: Key(buyer), in: players, refund: GetCoins(coins: coins))
            try trade.give(PutIn(item: item), to: Key(buyer), in: players)
        }
    }

    /// Passes coins round a ring: each pays the next.
    func ring(_ keys: [Int], coins: Int, id: String, timeout: Duration = .seconds(60)) async throws -> TradeOutcome {
        try await coordinator.trade(id: id, timeout: timeout) { trade in
            for key in keys {
                try trade.take(PayCoins(coins: coins), from: Key(key), in: players, refund: GetCoins(coins: coins))
                try trade.give(GetCoins(coins: coins), to: Key(key), in: players)
            }
        }
    }
}
