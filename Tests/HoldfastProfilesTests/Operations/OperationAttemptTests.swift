import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Attempts at operations", .timeLimit(.minutes(3)))
struct OperationAttemptTests {
    private static let patience = Duration.seconds(60)

    @Test("a failed attempt is followed by a pause: saves and other operations meanwhile burn none")
    func pause() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop(OperationPolicy(firstPause: .seconds(3_600), longestPause: .seconds(3_600)))
        let session = try await shop.open(Key(1))
        try await shop.deliver(OpenChest(coins: 5), to: Key(1), id: "locked")
        #expect(
            try await eventually(within: Self.patience) {
                try await shop.operation("locked", of: Key(1))?.attempts == 1
            })
        for number in 1...10 {
            try session.edit { $0.rewards += 1 }
            try await session.save()
            try await shop.deliver(PayWages(days: 1), to: Key(1), id: "wages:\(number)")
            #expect(try await shop.result(of: "wages:\(number)", key: Key(1), timeout: Self.patience).state == .applied)
        }
        let locked = try #require(await shop.operation("locked", of: Key(1)))
        #expect(locked.state == .pending && locked.attempts == 1 && locked.lastError == "Locked()")
        #expect(try #require(locked.dueAtMillis) > locked.readAtMillis)
        #expect(session.document.coins == 100)
        // Another session keeps to it as well.
        try await session.close()
        try await shop.withSession(for: Key(1)) { try $0.edit { $0.inventory = ["key"] } }
        #expect(try await shop.operation("locked", of: Key(1))?.attempts == 1)
        try await a.drain()
    }

    @Test("after the pause it is tried again, and applied once the reason is gone")
    func retries() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop(
            OperationPolicy(maximumAttempts: 1_000, firstPause: .milliseconds(5), longestPause: .milliseconds(20)))
        let session = try await shop.open(Key(1))
        try await shop.deliver(OpenChest(coins: 5), to: Key(1), id: "locked")
        #expect(
            try await eventually(within: Self.patience) {
                try await shop.operation("locked", of: Key(1))?.attempts ?? 0 >= 3
            })
        try session.edit { $0.inventory = ["key"] }
        let receipt = try await shop.result(of: "locked", key: Key(1), timeout: Self.patience)
        #expect(receipt.state == .applied && receipt.attempts > 3 && receipt.lastError == nil)
        #expect(session.document.coins == 5)
        try await session.close()
        try await a.drain()
    }

    @Test("a refusal is a dead letter at once, and a dead letter goes on under a new id")
    func refusal() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop()
        let session = try await shop.open(Key(1))
        try await shop.deliver(Enter(), to: Key(1), id: "enter")
        let dead = try await shop.result(of: "enter", key: Key(1), timeout: Self.patience)
        #expect(dead.state == .dead && dead.attempts == 1 && dead.lastError == "no ticket")
        #expect(try await shop.deadLetters().map(\.payload) == [Array("{}".utf8)])

        try session.edit { $0.inventory = ["ticket"] }
        #expect(try await shop.requeueOperation("enter", of: Key(1), as: "enter:2") == .requeued)
        #expect(try await shop.result(of: "enter:2", key: Key(1), timeout: Self.patience).state == .applied)
        #expect(try await shop.requeueOperation("enter", of: Key(1), as: "enter:2") == .duplicate(.applied))
        #expect(session.document.rewards == 1)
        #expect(try await shop.deadLetters().isEmpty)
        #expect(try await shop.state("enter") == .cancelled)
        try await session.close()
        try await a.drain()
    }

    @Test("what nobody handles is kept, cancelled or a dead letter, as the collection says", arguments: 0...2)
    func unknown(_ index: Int) async throws {
        let policy: UnknownOperations = [.keep, .cancel, .deadLetter][index]
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop(unknown: policy)
        try await shop.deliver(GrantCoins(coins: 9), to: Key(1), id: "unknown")
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "known")
        try await shop.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        let receipt = try #require(await shop.operation("unknown", of: Key(1)))
        #expect(receipt.state == [.pending, .cancelled, .dead][index] && receipt.attempts == 0)
        #expect((receipt.lastError == nil) == (index == 0) && !receipt.payload.isEmpty)
        try await a.drain()
    }

    @Test("what has begun is not cancelled for want of a handler: it becomes a dead letter that can go on")
    func unknownAndBegun() async throws {
        let clock = StoreClock()
        let fleet = try await Fleet(store: InMemoryStore(deployment: "test") { clock.now })
        let a = try await fleet.server("a")
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 2, pauseSeconds: 60), to: Key(1), id: "wages")
        try await shop.withSession(for: Key(1)) { _ in }
        #expect(try await shop.operation("wages", of: Key(1))?.progress != nil)
        try await a.drain()
        clock.advance(seconds: 60)
        let b = try await fleet.server("b")
        var options = CollectionOptions<Player> { _ in Player() }
        options.unknownOperations = .cancel
        let other = try b.coordinator.collection("shop", of: Player.self, options: options)
        try await other.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        let receipt = try #require(await other.operation("wages", of: Key(1)))
        #expect(receipt.state == .dead && receipt.progress != nil)
        try await b.drain()
    }

    @Test("a time to live or a delay of any length is refused, not a trap")
    func overflow() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop()
        for endless in [Duration.seconds(Int64.max), .seconds(Int64.min), .seconds(Int64.max / 1_000)] {
            let lives = await #expect(throws: ProfileError.self) {
                try await shop.deliver(Enter(), to: Key(1), id: "x", timeToLive: endless)
            }
            let waits = await #expect(throws: ProfileError.self) {
                try await shop.deliver(Enter(), to: Key(1), id: "x", delay: endless)
            }
            #expect(lives?.code == .badInput && waits?.code == .badInput)
        }
        try await a.drain()
    }

    @Test("an operation whose time is over has no effect, whoever meets it")
    func expiry() async throws {
        let clock = StoreClock()
        let fleet = try await Fleet(store: InMemoryStore(deployment: "test") { clock.now })
        let a = try await fleet.server("a")
        let shop = try a.shop()
        for id in ["opened", "asked", "repeated"] {
            try await shop.deliver(PayWages(days: 1), to: Key(id == "opened" ? 1 : 2), id: id, timeToLive: .seconds(60))
        }
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "lasting", timeToLive: .seconds(600))
        clock.advance(seconds: 60)
        try await shop.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        #expect(try await shop.state("opened") == .expired)
        #expect(try await shop.state("lasting") == .applied)
        #expect(try await shop.result(of: "asked", key: Key(2), timeout: Self.patience).state == .expired)
        let again = try await shop.deliver(PayWages(days: 1), to: Key(2), id: "repeated", timeToLive: .seconds(60))
        #expect(again == .duplicate(.expired))
        try await shop.withSession(for: Key(2)) { #expect($0.document.coins == 0) }
        try await a.drain()
    }

    @Test("a delayed operation is left alone until its time")
    func delay() async throws {
        let clock = StoreClock()
        let fleet = try await Fleet(store: InMemoryStore(deployment: "test") { clock.now })
        let a = try await fleet.server("a")
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "later", delay: .seconds(60))
        try await shop.withSession(for: Key(1)) { #expect($0.document.coins == 0) }
        clock.advance(seconds: 60)
        try await shop.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        try await a.drain()
    }
}
