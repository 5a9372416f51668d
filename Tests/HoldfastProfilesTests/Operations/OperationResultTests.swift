import HoldfastProfiles
import HoldfastStorage
import Synchronization
import Testing

@Suite("Results and cancellations of operations", .timeLimit(.minutes(3)))
struct OperationResultTests {
    private static let patience = Duration.seconds(60)

    @Test("a result that does not come ends at the deadline or with its caller, and the operation goes on")
    func waits() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a")
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "away")
        let late = await #expect(throws: ProfileError.self) {
            try await shop.result(of: "away", key: Key(1), timeout: .milliseconds(20))
        }
        #expect(late?.code == .deadline)
        let missing = await #expect(throws: ProfileError.self) { try await shop.result(of: "never", key: Key(1)) }
        #expect(missing?.code == .notFound)
        let waiting = Task { try await shop.result(of: "away", key: Key(1), timeout: .seconds(600)) }
        waiting.cancel()
        let cancelled = await #expect(throws: ProfileError.self) { try await waiting.value }
        #expect(cancelled?.code == .cancelled)

        async let result = shop.result(of: "away", key: Key(1), timeout: Self.patience)
        try await shop.withSession(for: Key(1)) { _ in }
        #expect(try await result.state == .applied)
        try await a.drain()
    }

    @Test("a result is awaited through an outage of the store")
    func outage() async throws {
        let isDown = Flag()
        let store = FailingStore(InMemoryStore(deployment: "test")) { call in
            guard case .operations = call.kind, isDown.value else { return .none }
            return .before()
        }
        let fleet = try await Fleet(store: store)
        let a = try await fleet.server("a")
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "wages")
        isDown.value = true
        let error = await #expect(throws: ProfileError.self) {
            try await shop.result(of: "wages", key: Key(1), timeout: .milliseconds(50))
        }
        #expect(error?.code == .unavailable)
        async let result = shop.result(of: "wages", key: Key(1), timeout: Self.patience)
        try await shop.withSession(for: Key(1)) { _ in }
        isDown.value = false
        #expect(try await result.state == .applied)
        try await a.drain()
    }

    @Test("a cancellation that comes before the commit takes the effect back, and nothing else")
    func cancelled() async throws {
        let memory = InMemoryStore(deployment: "test")
        let cancellation = Mutex<OperationCancellation?>(nil)
        let target = RecordID(collection: try CollectionName("shop"), key: Key(1))
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind, cancellation.withLock({ $0 }) == nil else { return .none }
            let settles = group.contains { request in
                if case .commit(let commit) = request { !commit.settlements.isEmpty } else { false }
            }
            if settles, let id = try? OperationID("bad"),
                let outcome = try? await memory.cancelOperation(id, of: target)
            {
                cancellation.withLock { $0 = outcome }
            }
            return .none
        }
        let fleet = try await Fleet(store: memory)
        let a = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "bad")
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "good", delay: .milliseconds(1))
        let session = try await shop.open(Key(1))
        #expect(try await shop.result(of: "good", key: Key(1), timeout: Self.patience).state == .applied)
        #expect(cancellation.withLock { $0 } == .cancelled)
        #expect(try await shop.state("bad") == .cancelled)
        #expect(await eventually(within: Self.patience) { session.document.coins == 10 })
        try session.edit { $0.inventory = ["after"] }
        try await session.close()
        let saved = try #require(await shop.read(Key(1))).document
        #expect(saved.coins == 10 && saved.inventory == ["after"])
        try await a.drain()
    }

    @Test("edits that were made before an operation survive its cancellation")
    func keepsEdits() async throws {
        let memory = InMemoryStore(deployment: "test")
        let target = RecordID(collection: try CollectionName("shop"), key: Key(1))
        let store = FailingStore(memory) { call in
            if case .execute(let group) = call.kind, let id = try? OperationID("bad") {
                let settles = group.contains { request in
                    if case .commit(let commit) = request { !commit.settlements.isEmpty } else { false }
                }
                if settles { _ = try? await memory.cancelOperation(id, of: target) }
            }
            return .none
        }
        let fleet = try await Fleet(store: memory)
        let a = try await fleet.server("a", store: store) { $0.autosave = .seconds(3_600) }
        let shop = try a.shop()
        let session = try await shop.open(Key(1))
        try session.edit { $0.rewards = 7 }
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "bad")
        #expect(try await shop.result(of: "bad", key: Key(1), timeout: Self.patience).state == .cancelled)
        #expect(await eventually(within: Self.patience) { session.document.coins == 0 })
        #expect(session.document.rewards == 7)
        try await session.close()
        #expect(try await shop.read(Key(1))?.document.rewards == 7)
        try await a.drain()
    }

    @Test("an operation for a player who is online is applied and durable within three commits of the store")
    func commits() async throws {
        let commits = Counter()
        let isCounting = Flag()
        let store = FailingStore(InMemoryStore(deployment: "test")) { call in
            if call.isGroup, isCounting.value { _ = commits.next() }
            return .none
        }
        let fleet = try await Fleet(store: store)
        let a = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let shop = try a.shop()
        let session = try await shop.open(Key(1))
        try await session.save()
        isCounting.value = true
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "wages")
        #expect(try await shop.result(of: "wages", key: Key(1), timeout: Self.patience).state == .applied)
        isCounting.value = false
        #expect(commits.next() <= 3)
        try await session.close()
        try await a.drain()
    }

    @Test("receipts shrink after their retention, and are still receipts")
    func retention() async throws {
        let fleet = try await Fleet()
        let a = try await fleet.server("a") { $0.receiptRetention = .zero }
        let shop = try a.shop()
        try await shop.deliver(PayWages(days: 1), to: Key(1), id: "wages")
        try await shop.withSession(for: Key(1)) { _ in }
        await a.crash()
        let b = try await fleet.server("b") { $0.receiptRetention = .zero }
        let other = try b.shop()
        #expect(
            try await eventually(within: Self.patience) {
                try await other.operation("wages", of: Key(1))?.payload.isEmpty == true
            })
        #expect(try await other.deliver(PayWages(days: 1), to: Key(1), id: "wages") == .duplicate(.applied))
        try await b.drain()
    }
}
