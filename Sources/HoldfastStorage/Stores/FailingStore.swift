import Synchronization

/// A store that fails on demand, for tests of everything above it.
///
/// A closure decides for every call; it may also await, which delays the call. A fault `before` leaves
/// the wrapped store untouched; a fault `after` lets the call take effect and loses its answer.
public final class FailingStore: StoreRelay {
    /// One call to the store.
    public struct Call: Sendable {
        /// Counts calls of every kind, from 1.
        public let number: Int
        /// What was called; for a group with its requests.
        public let kind: StoreCall

        /// Whether it is a group that the store executes.
        public var isGroup: Bool {
            if case .execute = kind { true } else { false }
        }
    }

    /// What to do with a call.
    public enum Fault: Sendable {
        case none
        /// Throws before anything is done; `unavailable` unless told otherwise.
        case before(StoreError = StoreError(.unavailable, "injected before the write"))
        /// Does it, then throws; `outcomeUnknown` unless told otherwise.
        case after(StoreError = StoreError(.outcomeUnknown, "injected after the write"))
    }

    /// The store that does the work.
    public let store: any DurableStore
    private let decide: @Sendable (Call) async -> Fault
    private let calls = Mutex(0)

    /// Wraps a store.
    ///
    /// - Parameters:
    ///   - store: The store that does the work.
    ///   - decide: Asked before every call; awaiting in it delays the call.
    public init(_ store: any DurableStore, decide: @escaping @Sendable (Call) async -> Fault) {
        self.store = store
        self.decide = decide
    }

    /// How many calls there were so far.
    public var callCount: Int { calls.withLock { $0 } }

    /// Does what was decided for this call.
    public func relay<Result: Sendable>(
        _ call: StoreCall, of record: RecordID?, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        switch await decide(Call(number: number, kind: call)) {
        case .none: return try await body(store)
        case .before(let error): throw error
        case .after(let error):
            _ = try await body(store)
            throw error
        }
    }
}
