import DequeModule

/// Lines of waiting elements, one for each key, that are served in turn; keys with something urgent before all others.
///
/// A line keeps its order whatever is urgent in it: what stands before an urgent element goes first, with the same
/// haste. No I/O and no clock. A key that was served has no further turn until ``resume(_:)``: at once where its
/// elements may overlap, at their end where they must not.
package struct FairQueue<Key: Hashable & Sendable, Element: Sendable>: Sendable {
    private struct Entry {
        let element: Element
        let isUrgent: Bool
    }

    private var lines: [Key: Deque<Entry>] = [:]
    /// How many urgent elements a line has; no entry where it has none.
    private var urgentCounts: [Key: Int] = [:]
    /// Every key that is not served and has something urgent.
    private var urgentTurns = Turns<Key>()
    /// Every other key that is not served and has a line, and some of those.
    private var turns = Turns<Key>()
    /// Keys that were served and not resumed.
    private var served: Set<Key> = []
    /// How many elements wait.
    package private(set) var count = 0

    package init() {}

    /// Whether nothing waits and nothing is being served.
    package var isIdle: Bool { count == 0 && served.isEmpty }
    /// How many keys are being served.
    package var servedCount: Int { served.count }

    /// Puts an element at the end of its key's line.
    package mutating func append(_ element: Element, to key: Key, isUrgent: Bool) {
        count += 1
        lines[key, default: []].append(Entry(element: element, isUrgent: isUrgent))
        if isUrgent { urgentCounts[key, default: 0] += 1 }
        takeTurn(key)
    }

    /// Takes the element whose turn it is.
    package mutating func popFirst() -> (key: Key, element: Element)? {
        guard let key = nextKey(), let entry = lines[key]?.popFirst() else { return nil }
        count -= 1
        served.insert(key)
        if lines[key]?.isEmpty == true { lines[key] = nil }
        if entry.isUrgent, let urgent = urgentCounts[key] { urgentCounts[key] = urgent > 1 ? urgent - 1 : nil }
        return (key, entry.element)
    }

    /// Gives a served key another turn, behind all others of its urgency.
    package mutating func resume(_ key: Key) {
        guard served.remove(key) != nil else { return }
        takeTurn(key)
    }

    /// Takes out everything that waits, or all but what is urgent.
    package mutating func removeAll(keepingUrgent: Bool = false) -> [Element] {
        take { !keepingUrgent || !$0.isUrgent }
    }

    /// Takes out all that waits of one key.
    package mutating func removeAll(of key: Key) -> [Element] {
        take(from: [key]) { _ in true }
    }

    /// Takes out the waiting elements that match.
    package mutating func remove(where matches: (Element) -> Bool) -> [Element] {
        take { matches($0.element) }
    }

    private mutating func takeTurn(_ key: Key) {
        guard !served.contains(key), lines[key] != nil else { return }
        if urgentCounts[key] != nil { urgentTurns.append(key) } else { turns.append(key) }
    }

    /// The key whose turn it is; a served one that is passed over gets its next turn when it is resumed.
    private mutating func nextKey() -> Key? {
        while let key = urgentTurns.popFirst() {
            if !served.contains(key) { return key }
        }
        while let key = turns.popFirst() {
            if !served.contains(key), lines[key] != nil { return key }
        }
        return nil
    }

    /// Looks at each line once and hashes only the keys of those that change: budgets look every few milliseconds.
    private mutating func take(where matches: (Entry) -> Bool) -> [Element] {
        let keys = lines.compactMap { key, line in line.contains(where: matches) ? key : nil }
        return take(from: keys, where: matches)
    }

    private mutating func take(from keys: [Key], where matches: (Entry) -> Bool) -> [Element] {
        var removed: [Element] = []
        for key in keys {
            guard let line = lines[key] else { continue }
            removed += line.filter(matches).map(\.element)
            let rest = line.filter { !matches($0) }
            lines[key] = rest.isEmpty ? nil : rest
            let urgent = rest.count { $0.isUrgent }
            urgentCounts[key] = urgent > 0 ? urgent : nil
            takeTurn(key)
        }
        guard !removed.isEmpty else { return [] }
        count -= removed.count
        let (waiting, urgent) = (lines, urgentCounts)
        turns.keep { waiting[$0] != nil }
        urgentTurns.keep { urgent[$0] != nil }
        return removed
    }
}
