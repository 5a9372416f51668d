import DequeModule
import HoldfastStorage

/// The newest ids of many.
struct RecentIDs: Sendable {
    private let capacity: Int
    private var order: Deque<RandomID> = []
    private var known: Set<RandomID> = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    func contains(_ id: RandomID) -> Bool { known.contains(id) }

    mutating func insert(_ id: RandomID) {
        guard known.insert(id).inserted else { return }
        order.append(id)
        if order.count > capacity { known.remove(order.removeFirst()) }
    }
}
