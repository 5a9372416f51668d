import Synchronization

/// What handles of one name share in this process, for as long as one of them is held.
final class WeakRegistry<Value: AnyObject & Sendable>: Sendable {
    private struct Weak {
        weak var value: Value?
    }

    private struct State {
        var values: [String: Weak] = [:]
        /// Names are swept for values that are gone whenever this many are known.
        var sweepAt = 64
    }

    private let state = Mutex(State())

    /// The one value of a name, made where there is none.
    func value(_ name: String, make: () -> Value) -> Value {
        state.withLock { state in
            if let value = state.values[name]?.value { return value }
            if state.values.count >= state.sweepAt {
                state.values = state.values.filter { $0.value.value != nil }
                state.sweepAt = max(64, state.values.count * 2)
            }
            let value = make()
            state.values[name] = Weak(value: value)
            return value
        }
    }

    /// All that are held now.
    var all: [Value] { state.withLock { $0.values.values.compactMap(\.value) } }
}
