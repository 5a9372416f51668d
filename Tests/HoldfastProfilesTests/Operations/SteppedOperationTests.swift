import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Operations in steps", .timeLimit(.minutes(3)))
struct SteppedOperationTests {
    private static let patience = Duration.seconds(60)

    @Test("each step commits with its state, and the end is told once, after the commit")
    func steps() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let told = Mutex<[AppliedOperation]>([])
        let shop = try a.shop { operation, applied in
            #expect(operation.days == 0)
            told.withLock { $0.append(applied) }
        }
        let session = try await shop.open(Key(1))
        try await shop.deliver(PayWages(days: 4), to: Key(1), id: "wages")
        let receipt = try await shop.result(of: "wages", key: Key(1), timeout: Self.patience)
        #expect(receipt.state == .applied && receipt.progress == nil)
        #expect(session.document.coins == 40)
        let stepCommits = fleet.journal.entry.saved.filter { $0.id == session.id && $0.receipt.wrote }
        #expect(stepCommits.count == 4)
        #expect(told.withLock { $0.map(\.id.description) } == ["wages"])
        #expect(told.withLock { $0.first?.version } == session.version)
        try await session.close()
        try await a.drain()
    }

    @Test("another server goes on where a crash has stopped it, and no step takes effect twice")
    func goesOn() async throws {
        let clock = StoreClock()
        // Two seconds of a beat are waited for after the crash.
        let fleet = try await Fleet(store: InMemoryStore(deployment: "test") { clock.now }, beatsToLive: 50)
        let a = try await fleet.server("a")
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 3, pauseSeconds: 60), to: Key(1), id: "wages", timeToLive: .seconds(90))
        let session = try await shop.open(Key(1))
        #expect(
            try await eventually(within: Self.patience) {
                try await shop.operation("wages", of: Key(1))?.progress != nil
            })
        #expect(session.document.coins == 10)
        #expect(try await shop.cancelOperation("wages", of: Key(1)) == .begun)
        await a.crash()

        let b = try await fleet.server("b")
        let other = try b.shop()
        try await other.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        for coins in [20, 30, 30] {
            // Its time to live is over, but it has begun.
            clock.advance(seconds: 60)
            try await other.withSession(for: Key(1)) { #expect($0.document.coins == coins) }
        }
        #expect(try await other.state("wages") == .applied)
        try await b.drain()
    }

    @Test("one that is failed by force stops at once; its steps stay, and a requeue goes on after them")
    func failedByForce() async throws {
        let clock = StoreClock()
        let fleet = try await Fleet(store: InMemoryStore(deployment: "test") { clock.now })
        let a = try await fleet.server("a")
        let shop = try a.shop()
        let session = try await shop.open(Key(1))
        try await shop.deliver(PayWages(days: 3, pauseSeconds: 60), to: Key(1), id: "wages")
        #expect(
            try await eventually(within: Self.patience) {
                try await shop.operation("wages", of: Key(1))?.progress != nil
            })
        #expect(try await shop.cancelOperation("wages", of: Key(1)) == .begun)
        #expect(try await shop.failOperation("wages", of: Key(1), reason: "wages are stopped") == .failed)
        #expect(try await shop.deadLetters().map(\.lastError) == ["wages are stopped"])
        try await session.close()
        clock.advance(seconds: 60)
        try await shop.withSession(for: Key(1)) { #expect($0.document.coins == 10) }
        #expect(try await shop.requeueOperation("wages", of: Key(1), as: "wages again") == .requeued)
        for coins in [20, 30, 30] {
            clock.advance(seconds: 60)
            try await shop.withSession(for: Key(1)) { #expect($0.document.coins == coins) }
        }
        #expect(try await shop.operation("wages again", of: Key(1))?.state == .applied)
        try await a.drain()
    }

    @Test("a step that fails keeps the steps before it, and a requeued dead letter goes on there")
    func failingStep() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop(OperationPolicy(maximumAttempts: 3, firstPause: .milliseconds(1), maximumSteps: 3))
        let session = try await shop.open(Key(1))
        try await shop.deliver(PayWages(days: 14), to: Key(1), id: "fails")
        let dead = try await shop.result(of: "fails", key: Key(1), timeout: Self.patience)
        #expect(dead.state == .dead && dead.attempts == 3 && dead.progress != nil)
        #expect(session.document.coins == 10)

        try await shop.deliver(PayWages(days: 5), to: Key(1), id: "endless")
        let endless = try await shop.result(of: "endless", key: Key(1), timeout: Self.patience)
        #expect(endless.state == .dead && endless.attempts == 1 && endless.lastError == "not done after 3 steps")
        #expect(session.document.coins == 40)
        #expect(try await shop.requeueOperation("endless", of: Key(1), as: "more") == .requeued)
        // It goes on after its third step, which is where this policy stops it again.
        #expect(try await shop.result(of: "more", key: Key(1), timeout: Self.patience).state == .dead)
        #expect(session.document.coins == 40)
        try await session.close()
        try await a.drain()
    }
}
