/// Lines of waiting elements, one for each key, that are served in turn; urgent elements before all others.
///
/// No I/O and no clock. A key that was served has no further turn until ``resume(_:)``: at once where its elements may
/// overlap, at their end where they must not.
package struct FairQueue<Key: Hashable & Sendable, Element: Sendable>: Sendable {
    private var urgent = TurnLane<Key, Element>()
    private var normal = TurnLane<Key, Element>()
    /// Keys that were served and not resumed.
    private var served: Set<Key> = []
    /// How many elements wait.
    package private(set) var count = 0

    package init() {}

    /// Whether nothing waits and nothing is being served.
    package var isIdle: Bool { count == 0 && served.isEmpty }
    /// How many keys are being served.
    package var servedCount: Int { served.count }

    /// Puts an element at the end of its key's line of that urgency.
    package mutating func append(_ element: Element, to key: Key, isUrgent: Bool) {
        count += 1
        let mayTakeTurns = !served.contains(key)
        if isUrgent {
            urgent.append(element, to: key, takesTurn: mayTakeTurns)
        } else {
            normal.append(element, to: key, takesTurn: mayTakeTurns)
        }
    }

    /// Takes the element whose turn it is.
    package mutating func popFirst() -> (key: Key, element: Element)? {
        guard let first = urgent.popFirst(except: served) ?? normal.popFirst(except: served) else { return nil }
        count -= 1
        served.insert(first.key)
        return first
    }

    /// Gives a served key another turn, behind all others.
    package mutating func resume(_ key: Key) {
        guard served.remove(key) != nil else { return }
        urgent.takeTurn(key)
        normal.takeTurn(key)
    }

    /// Takes out everything that waits, or all but what is urgent.
    package mutating func removeAll(keepingUrgent: Bool = false) -> [Element] {
        let removed = normal.removeAll() + (keepingUrgent ? [] : urgent.removeAll())
        count -= removed.count
        return removed
    }

    /// Takes out all that waits of one key.
    package mutating func removeAll(of key: Key) -> [Element] {
        let removed = urgent.removeAll(of: key) + normal.removeAll(of: key)
        count -= removed.count
        return removed
    }

    /// Takes out the waiting elements that match.
    package mutating func remove(where matches: (Element) -> Bool) -> [Element] {
        let removed = urgent.remove(where: matches) + normal.remove(where: matches)
        count -= removed.count
        return removed
    }
}
