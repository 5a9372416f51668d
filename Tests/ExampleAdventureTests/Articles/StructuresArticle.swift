import Holdfast

/// The programs of "Leaderboards", "Maps" and "Queues", to be compiled.
enum StructuresArticle {
    struct Player: Codable, Sendable {
        var level = 1
    }

    static func boards(_ memory: MemoryStore) async throws {
        @Sendable func award(_ winners: BoardPage, season: Int64) async throws {}
        let arena = try await memory.createBoard(
            "arena",
            BoardSettings(rules: BoardRules(scoreOperator: .best, ties: .first), schedule: .weekly, keptSeasons: 52))

        try await arena.submit(1_200, for: Key("ann"))  // durable
        try await arena.submitFast(1_150, for: Key("ben"))  // fast
        let page = try await arena.top(10)
        try arena.onSeasonEnd { board, season in
            let winners = try await board.top(3)
            try await award(winners, season: season.id)  // may be called again with the same season
        }
        use(page)
    }

    static func projection(_ configuration: inout CoordinatorConfiguration, _ memory: MemoryStore) throws {
        configuration.boards = memory
        var options = CollectionOptions<Player> { _ in Player() }
        try options.project(to: "level") { $0.level }
    }

    struct Bid: Codable, Sendable {
        var coins: Int
        var bidder: String
    }

    static func sortedMap(_ memory: MemoryStore, _ bid: Bid) async throws {
        let auctions = try memory.sortedMap("auctions", of: Bid.self)
        try await auctions.set("sword", to: bid, sortKey: .number(Double(bid.coins)), expiresAfter: .seconds(3_600))
        let highest = try await auctions.range(.descending, limit: 10)
        use(highest)
    }

    static func hashMap(_ memory: MemoryStore) async throws {
        let visits = try memory.hashMap("visits", of: Int.self)
        try await visits.update("lobby", expiresAfter: .seconds(86_400)) { ($0 ?? 0) + 1 }

        var cursor: HashMapCursor?
        repeat {
            let page = try await visits.list(limit: 200, after: cursor)
            for item in page.items { print(item.key, item.value) }
            cursor = page.next
        } while cursor != nil
    }

    static func queue(_ memory: MemoryStore) async throws {
        func deliver<Value>(_ value: Value, once id: RandomID) async throws {}
        struct Order: Codable, Sendable {
            var player: Int
            var item: String
        }

        let orders = try memory.queue("orders", of: Order.self)

        // Fast: Redis has it. Durable: the store has it.
        try await orders.add(Order(player: 42, item: "sword"), expiresAfter: .seconds(3_600))
        try await orders.add(
            Order(player: 7, item: "crown"), expiresAfter: .seconds(3_600), priority: 10, durable: true)

        // In any server: wait up to 30 seconds for up to ten items, handle them, remove them.
        while !Task.isCancelled {
            try await orders.withBatch(of: 10, waitingUpTo: .seconds(30)) { batch in
                for item in batch.items { try await deliver(item.value, once: item.id) }
            }
        }
    }
}
