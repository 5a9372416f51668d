public import HoldfastStorage
import Synchronization

/// The durable side of a ``TestFleet``: an in-memory store that fails, hangs back and goes down as a test says.
public final class TestStore: Sendable {
    private struct Failure {
        let fault: FailingStore.Fault
        var times: Int
        let matches: @Sendable (FailingStore.Call) -> Bool
    }
    private struct State {
        var isDown = false
        var latency: Duration = .zero
        var bucket: TokenBucket?
        var failures: [Failure] = []
        var injected = 0

        /// What becomes of a call.
        mutating func fault(for call: FailingStore.Call) -> FailingStore.Fault {
            if isDown { return .before(StoreError(.unavailable, "the test's store is down")) }
            if bucket?.take(now: .now) == false {
                return .before(StoreError(.unavailable, "the test's store has answered enough for now"))
            }
            guard let index = failures.firstIndex(where: { $0.times > 0 && $0.matches(call) }) else { return .none }
            failures[index].times -= 1
            injected += 1
            return failures[index].fault
        }
    }
    private final class Switchboard: Sendable {
        let state = Mutex(State())
    }

    /// What the servers are given: the store with its failures.
    public let durable: any DurableStore
    /// What is stored, to look at without failures.
    public let contents: InMemoryStore
    private let switchboard: Switchboard

    init(_ contents: InMemoryStore) {
        let switchboard = Switchboard()
        self.contents = contents
        self.switchboard = switchboard
        durable = FailingStore(contents) { call in
            let latency = switchboard.state.withLock { $0.latency }
            if latency > .zero { try? await Task.sleep(for: latency) }
            return switchboard.state.withLock { $0.fault(for: call) }
        }
    }

    /// Refuses every call as unavailable; what is stored stays.
    public func goDown() {
        switchboard.state.withLock { $0.isDown = true }
    }

    /// Ends ``goDown()`` and every failure that was asked for.
    public func comeBack() {
        switchboard.state.withLock { state in
            state.isDown = false
            state.failures = []
        }
    }

    /// Makes every call take that much longer; zero ends it.
    public func setLatency(_ latency: Duration) {
        switchboard.state.withLock { $0.latency = latency }
    }

    /// Refuses calls beyond a budget as unavailable, as a store does that limits its users; nil ends it.
    ///
    /// A group of saves is one call. What a server allows itself is its configuration's `budget`.
    public func setBudget(_ budget: RequestBudget?) {
        switchboard.state.withLock { $0.bucket = budget.map { TokenBucket($0, now: .now) } }
    }

    /// Has the next calls fail; failures that were asked for earlier come first.
    ///
    /// - Parameters:
    ///   - fault: `.before()` leaves the store untouched; `.after()` lets the call take effect and loses its answer.
    ///   - times: How many calls fail.
    ///   - matches: Which calls; by default those that commit a save, a transaction or a deletion.
    public func fail(
        _ fault: FailingStore.Fault, times: Int = 1,
        where matches: @escaping @Sendable (FailingStore.Call) -> Bool = { $0.isCommit }
    ) {
        switchboard.state.withLock { $0.failures.append(Failure(fault: fault, times: times, matches: matches)) }
    }

    /// How many failures were injected so far, refused calls of an outage not counted.
    public var injectedFailures: Int { switchboard.state.withLock { $0.injected } }
}
