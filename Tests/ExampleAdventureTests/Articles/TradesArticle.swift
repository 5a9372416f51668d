import Holdfast

/// The programs of "Trades", to be compiled.
enum TradesArticle {
    struct Player: Codable, Sendable {
        var coins = 0
    }

    struct TakeItem: ProfileOperation {
        static let name = "take.item"
        var item: String
        init(_ item: String) { self.item = item }
        func apply(to player: inout Player) {}
    }

    struct GiveItem: ProfileOperation {
        static let name = "give.item"
        var item: String
        init(_ item: String) { self.item = item }
        func apply(to player: inout Player) {}
    }

    struct TakeCoins: ProfileOperation {
        static let name = "take.coins"
        var coins: Int
        init(_ coins: Int) { self.coins = coins }
        func apply(to player: inout Player) {}
    }

    struct GiveCoins: ProfileOperation {
        static let name = "give.coins"
        var coins: Int
        init(_ coins: Int) { self.coins = coins }
        func apply(to player: inout Player) {}
    }

    static func here(
        _ coordinator: Coordinator, _ ada: Session<Player>, _ ben: Session<Player>, _ world: Session<World>
    ) async throws {
        try await coordinator.transaction(over: [ada, ben, world]) { scope in  // durable
            try scope.edit(ada) { $0.coins -= 50 }
            try scope.edit(ben) { $0.coins += 50 }
            try scope.edit(world) { $0.name = "Ben's" }
        }
    }

    static func opening(
        _ coordinator: Coordinator, _ players: ProfileCollection<Player>, ada: Key, ben: Key
    ) async throws {
        try await coordinator.transaction(opening: [players.record(ada), players.record(ben)]) { scope in
            try scope.edit(ada, in: players) { $0.coins -= 50 }
            try scope.edit(ben, in: players) { $0.coins += 50 }
        }
    }

    static func elsewhere(
        _ coordinator: Coordinator, _ players: ProfileCollection<Player>, seller: Key, buyer: Key
    ) async throws {
        let outcome = try await coordinator.trade(id: "offer:4711") { trade in
            try trade.take(TakeItem("sword"), from: seller, in: players, refund: GiveItem("sword"))
            try trade.give(GiveCoins(500), to: seller, in: players)
            try trade.take(TakeCoins(500), from: buyer, in: players, refund: GiveCoins(500))
            try trade.give(GiveItem("sword"), to: buyer, in: players)
        }
        switch outcome {
        case .committed: print("sold")  // durable
        case .aborted(let abort): print(abort.message)
        case .pending: print("under way")  // ask `tradeVerdict("offer:4711")` later
        }
    }

    static func ledger(_ coordinator: Coordinator, _ ada: Session<Player>, _ ben: Session<Player>) async throws {
        func coins(of account: String) async -> Int64? { nil }
        let ledger = try GeneralLedger("coins", coordinator)
        try await coordinator.transaction(over: [ada, ben]) { scope in
            try scope.edit(ada) { $0.coins -= 50 }
            try scope.edit(ben) { $0.coins += 50 }
            try scope.post(.transfer(50, from: "player:1", to: "player:2", reason: "gift"), to: ledger)
        }
        let balance = try await ledger.balance(of: "player:1")
        // The closure returns nil for accounts without a document.
        let report = try await ledger.check { account in await coins(of: account) }
        use(balance, report)
    }
}
