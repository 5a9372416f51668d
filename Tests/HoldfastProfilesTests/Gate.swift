import HoldfastStorage

/// Holds groups on their way to the store until it is opened again.
final class Gate: Sendable {
    private let isShut = Flag()
    private let isWaiting = Flag()

    func shut() { isShut.value = true }
    func open() { isShut.value = false }
    /// Whether a group waits at the gate.
    var holds: Bool { isWaiting.value }

    func pass(_ call: FailingStore.Call) async -> FailingStore.Fault {
        guard call.isGroup, isShut.value else { return .none }
        isWaiting.value = true
        _ = await eventually { !isShut.value }
        isWaiting.value = false
        return .none
    }
}
