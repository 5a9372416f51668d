import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Trades", .timeLimit(.minutes(5)))
struct TradeTests {
    private func markets(_ count: Int, _ store: any DurableStore = InMemoryStore(deployment: "test")) async throws -> (
        fleet: Fleet, markets: [Market]
    ) {
        let fleet = try await Fleet(store: store)
        var markets: [Market] = []
        for index in 0..<count { markets.append(try Market(try await fleet.server("server-\(index)"))) }
        return (fleet, markets)
    }

    @Test("what is here or free changes hands in one commit, once, whoever asks again")
    func here() async throws {
        let (_, markets) = try await markets(2)
        let a = markets[0]
        try await a.seat(1, coins: 0, "sword")
        try await a.seat(2, coins: 100)
        let seller = try await a.players.open(Key(1))
        #expect(try await a.sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        #expect(seller.document.coins == 30 && seller.document.inventory.isEmpty)
        #expect(try await a.coordinator.tradeVerdict("t1") == .committed)
        #expect(try await a.sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        #expect(try await markets[1].sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        #expect(await eventually { a.coordinator.sessions().count == 1 })
        let buyer = try await a.players.read(Key(2))
        #expect(buyer?.document.coins == 70 && buyer?.document.inventory == ["sword"])
        // The sword is gone: refused, and refused for ever.
        guard case .aborted(let abort) = try await a.sell("sword", for: 1, from: 1, to: 2, id: "t2") else {
            Issue.record("sold twice")
            return
        }
        #expect(abort.cause == .refused && abort.record?.key == Key(1) && abort.message.contains("sword"))
        try seller.edit { $0.inventory = ["sword"] }
        guard case .aborted = try await a.sell("sword", for: 1, from: 1, to: 2, id: "t2") else {
            Issue.record("an aborted trade was made")
            return
        }
        for market in markets { try await market.server.drain() }
    }

    @Test("a game is told of what a trade applied, also where the store answers after the call has ended")
    func announcements() async throws {
        let (isSlow, answer) = (Flag(), Hold())
        let store = FailingStore(InMemoryStore(deployment: "test")) { call in
            guard isSlow.value, case .execute(let requests) = call.kind else { return .none }
            let isTrade = requests.contains { request in
                if case .commit(let commit) = request { commit.decision != nil } else { false }
            }
            if isTrade { await answer.pass() }
            return .none
        }
        let (_, markets) = try await markets(1, store)
        let told = Log<AppliedOperation>()
        var options = CollectionOptions<Player> { _ in Player(coins: 100) }
        try options.handle(PayCoins.self, onApplied: { _, applied in told.add(applied) })
        try options.handle(GetCoins.self, onApplied: { _, applied in told.add(applied) })
        let players = try markets[0].coordinator.collection("told", of: Player.self, options: options)
        for key in 1...2 { try await players.update(Key(key)) { $0.rewards = 1 } }
        isSlow.value = true
        let outcome = await Task {
            try await markets[0].coordinator.trade(id: "t", timeout: .seconds(2)) { trade in
                let back = GetCoins(coins: 5)
                try trade.take(PayCoins(coins: 5), from: Key(1), in: players, refund: back)
                try trade.give(GetCoins(coins: 5), to: Key(2), in: players)
            }
        }.result
        #expect(throws: ProfileError.self) { try outcome.get() }
        #expect(told.all.isEmpty)
        answer.open()
        #expect(await eventually { told.all.count == 2 })
        #expect(Set(told.all.map(\.record.key)) == [Key(1), Key(2)] && told.all.allSatisfy { $0.version == 2 })
        #expect(try await markets[0].coordinator.tradeVerdict("t") == .committed)
        try await markets[0].server.drain()
    }

    @Test("a partner on another server gives and gets, and both sides have it at once or not at all")
    func across() async throws {
        let (_, markets) = try await markets(2)
        let (a, b) = (markets[0], markets[1])
        try await a.seat(1, coins: 0, "sword")
        try await a.seat(2, coins: 100)
        let (seller, buyer) = (try await a.players.open(Key(1)), try await b.players.open(Key(2)))
        #expect(try await a.sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        #expect(await eventually { buyer.document.coins == 70 && buyer.document.inventory == ["sword"] })
        #expect(await eventually { seller.document.coins == 30 } && seller.document.inventory.isEmpty)
        #expect(try await b.sell("sword", for: 30, from: 1, to: 2, id: "t1") == .committed)
        // What refuses: the partner's purse, and a rule of the partner's collection.
        guard case .aborted(let poor) = try await b.sell("sword", for: 31, from: 2, to: 1, id: "t2") else {
            Issue.record("sold to the poor")
            return
        }
        #expect(poor.cause == .refused && poor.record == seller.id && poor.message.contains("too poor"))
        #expect(await eventually { buyer.document.inventory == ["sword"] })
        try await a.players.update(Key(1)) { $0.inventory = ["a", "b", "c"] }
        guard case .aborted(let full) = try await b.sell("sword", for: 10, from: 2, to: 1, id: "t3") else {
            Issue.record("more than fits")
            return
        }
        #expect(full.record == seller.id && full.message.contains("full"))
        #expect(await eventually { buyer.document.inventory == ["sword"] && buyer.document.coins == 70 })
        #expect(seller.document.coins == 30 && !seller.isEnded && !buyer.isEnded)
        for market in markets { try await market.server.drain() }
        #expect(try await a.players.read(Key(1))?.document.coins == 30)
    }

    @Test("five records on three servers and one of nobody: a ring, and one who cannot pay")
    func many() async throws {
        let (_, markets) = try await markets(3)
        for key in 0..<5 { try await markets[0].seat(key) }
        var sessions: [Session<Player>] = []
        for key in 0..<4 { sessions.append(try await markets[key % 3].players.open(Key(key))) }
        let held = sessions
        #expect(try await markets[0].ring([0, 1, 2, 3, 4], coins: 60, id: "r1") == .committed)
        #expect(await eventually { held.allSatisfy { $0.document.coins == 100 } })
        try await markets[2].players.update(Key(2)) { $0.coins = 10 }
        guard case .aborted(let abort) = try await markets[1].ring([0, 1, 2, 3, 4], coins: 60, id: "r2") else {
            Issue.record("paid with nothing")
            return
        }
        #expect(abort.cause == .refused && abort.record == held[2].id)
        #expect(await eventually { held.map(\.document.coins) == [100, 100, 10, 100] })
        let absent = try await markets[2].players.open(Key(4))
        #expect(await eventually { absent.document.coins == 100 })
        for market in markets { try await market.server.drain() }
    }

    @Test("what makes no sense is refused before anything is begun")
    func badInput() async throws {
        let (_, markets) = try await markets(2)
        let (a, b) = (markets[0], markets[1])
        try await a.seat(1)
        try await a.seat(2)
        let pay = PayCoins(coins: 1)
        let get = GetCoins(coins: 1)
        let cases: [(String, (inout Trade) throws -> Void)] = [
            ("one record", { try $0.take(pay, from: Key(1), in: a.players, refund: get) }),
            (
                "nobody gives",
                {
                    try $0.give(get, to: Key(1), in: a.players)
                    try $0.give(get, to: Key(2), in: a.players)
                }
            ),
            (
                "twice from one",
                {
                    try $0.take(pay, from: Key(1), in: a.players, refund: get)
                    try $0.take(pay, from: Key(1), in: a.players, refund: get)
                }
            ),
            (
                "unregistered",
                {
                    try $0.take(pay, from: Key(1), in: a.players, refund: get)
                    try $0.give(Unheard(), to: Key(2), in: a.players)
                }
            ),
            (
                "too many",
                { trade in
                    for key in 0...Trade.maximumRecords {
                        try trade.take(pay, from: Key(key), in: a.players, refund: get)
                    }
                }
            ),
            (
                "too long",
                { trade in
                    let item = String(repeating: "x", count: 40_000)
                    try trade.take(HandOut(item: item), from: Key(1), in: a.players, refund: PutIn(item: item))
                    try trade.give(get, to: Key(2), in: a.players)
                }
            ),
        ]
        for (name, build) in cases {
            #expect(await code { _ = try await a.coordinator.trade(id: name, build) } == .badInput, "\(name)")
        }
        #expect(await code { _ = try await a.ring([1, 2], coins: 1, id: "") } == .badInput)
        let long = String(repeating: "i", count: Trade.maximumIDBytes + 1)
        #expect(await code { _ = try await a.ring([1, 2], coins: 1, id: long) } == .badInput)
        #expect(await code { _ = try await a.ring([1, 2], coins: 1, id: "t", timeout: .zero) } == .badInput)
        #expect(await code { _ = try await a.ring([1, 99], coins: 1, id: "missing") } == .notFound)
        let held = [try await b.players.open(Key(1)), try await b.players.open(Key(2))]
        #expect(await code { _ = try await a.ring([1, 2], coins: 1, id: "elsewhere") } == .held)
        for amount in [0, -5] {
            guard case .aborted(let abort) = try await b.ring([1, 2], coins: amount, id: "n\(amount)") else {
                Issue.record("paid \(amount)")
                return
            }
            #expect(abort.cause == .refused)
        }
        try held[0].edit { player in
            player.coins = .max
            player.inventory = ["x"]
        }
        guard case .aborted(let rich) = try await b.sell("x", for: 1, from: 1, to: 2, id: "rich") else {
            Issue.record("paid more than there is room for")
            return
        }
        #expect(rich.cause == .refused && rich.message.contains("too rich"))
        for market in markets { try await market.server.drain() }
    }
}
