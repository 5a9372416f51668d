import DequeModule

/// The lines of one urgency in a ``FairQueue``: round robin over their keys.
struct TurnLane<Key: Hashable & Sendable, Element: Sendable>: Sendable {
    private var lines: [Key: Deque<Element>] = [:]
    /// Keys in the order of their turns, each once; all that have a line and are not being served.
    private var turns: Deque<Key> = []
    private var inTurns: Set<Key> = []

    /// Puts an element at the end of its key's line.
    mutating func append(_ element: Element, to key: Key, takesTurn: Bool) {
        lines[key, default: []].append(element)
        if takesTurn { takeTurn(key) }
    }

    /// Puts a key behind all others, where it has a line and no turn.
    mutating func takeTurn(_ key: Key) {
        guard lines[key] != nil, inTurns.insert(key).inserted else { return }
        turns.append(key)
    }

    /// Takes the first element of the first line that may be served; passes over keys that must take a turn anew.
    mutating func popFirst(except served: Set<Key>) -> (key: Key, element: Element)? {
        while let key = turns.popFirst() {
            inTurns.remove(key)
            guard !served.contains(key), let element = lines[key]?.popFirst() else { continue }
            if lines[key]?.isEmpty == true { lines[key] = nil }
            return (key, element)
        }
        return nil
    }

    /// Takes out everything.
    mutating func removeAll() -> [Element] {
        defer { self = TurnLane() }
        return lines.values.flatMap { $0 }
    }

    /// Takes out the line of one key.
    mutating func removeAll(of key: Key) -> [Element] {
        guard let line = lines.removeValue(forKey: key) else { return [] }
        if inTurns.remove(key) != nil { turns.removeAll { $0 == key } }
        return Array(line)
    }

    /// Takes out the elements that match.
    mutating func remove(where matches: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for (key, line) in lines where line.contains(where: matches) {
            removed += line.filter(matches)
            let rest = line.filter { !matches($0) }
            lines[key] = rest.isEmpty ? nil : rest
        }
        guard !removed.isEmpty else { return [] }
        turns.removeAll { lines[$0] == nil }
        inTurns = Set(turns)
        return removed
    }
}
