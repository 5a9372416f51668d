import DequeModule

/// Keys in the order of their turns, each once.
struct Turns<Key: Hashable & Sendable>: Sendable {
    private var order: Deque<Key> = []
    private var members: Set<Key> = []

    /// Puts a key behind all others; one that is there keeps its place.
    mutating func append(_ key: Key) {
        guard members.insert(key).inserted else { return }
        order.append(key)
    }

    /// Takes the key whose turn it is.
    mutating func popFirst() -> Key? {
        guard let key = order.popFirst() else { return nil }
        members.remove(key)
        return key
    }

    /// Takes out all other keys.
    mutating func keep(where isKept: (Key) -> Bool) {
        guard !members.allSatisfy(isKept) else { return }
        order.removeAll { !isKept($0) }
        members = Set(order)
    }
}
