import HoldfastStorage

/// What is to be done now with the pending operations of a profile.
///
/// Pure. Order of delivery holds among those that are ready; one that waits for its time keeps nobody back.
struct OperationSchedule {
    /// To be tried now, in order of delivery.
    private(set) var ready: [OperationRecord] = []
    /// To be settled as expired.
    private(set) var expired: [OperationRecord] = []
    /// When one of the others becomes ready or expires, by the store's clock; nil when none waits.
    private(set) var nextMillis: Int64?

    /// Sorts operations in order of delivery; `now` is the store's clock.
    init(_ pending: [OperationRecord], now: Int64) {
        for operation in pending where operation.state == .pending {
            if operation.isExpired(atMillis: now) {
                expired.append(operation)
            } else if let due = operation.dueAtMillis, due > now {
                let expiry = operation.progress == nil ? operation.expiresAtMillis : nil
                nextMillis = [nextMillis, due, expiry].compactMap(\.self).min()
            } else {
                ready.append(operation)
            }
        }
    }
}
