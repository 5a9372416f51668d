/// What a type left unasked while it was decoded from a document: keys that a newer build wrote.
///
/// ``merge(original:encoded:trace:)`` carries those keys into the next save. A trace belongs to the
/// document it was recorded on. When it ``isComplete``, neither it nor the document need be kept.
public struct KeyTrace: Sendable {
    indirect enum Node: Sendable {
        /// Everything here was asked for, or it has no keys.
        case complete
        /// Positions of members never asked for, and what is incomplete below the others.
        case object(unasked: [Int], children: [Int: Node])
        case array(children: [Int: Node])

        var isComplete: Bool {
            if case .complete = self { true } else { false }
        }

        /// What neither of two decodings of the same value asked for.
        func union(_ other: Node) -> Node {
            switch (self, other) {
            case (.object(let left, let leftChildren), .object(let right, let rightChildren)):
                let (leftUnasked, rightUnasked) = (Set(left), Set(right))
                var children: [Int: Node] = [:]
                for index in Set(leftChildren.keys).union(rightChildren.keys) {
                    let one = leftUnasked.contains(index) ? nil : leftChildren[index] ?? .complete
                    let two = rightUnasked.contains(index) ? nil : rightChildren[index] ?? .complete
                    let joined = one.map { one in two.map { one.union($0) } ?? one } ?? two ?? .complete
                    if !joined.isComplete { children[index] = joined }
                }
                let unasked = left.filter(rightUnasked.contains)
                return unasked.isEmpty && children.isEmpty ? .complete : .object(unasked: unasked, children: children)
            case (.array(let left), .array(let right)):
                // An element that one decoding never reached says nothing about the other's.
                return .array(children: left.merging(right) { $0.union($1) }.filter { !$1.isComplete })
            default: return .complete
            }
        }
    }

    let root: Node

    init(_ root: Node) { self.root = root }

    /// Whether the type asked for every key, so that there is nothing to carry over.
    public var isComplete: Bool { root.isComplete }

    /// The keys never asked for, as JSON pointers into the document that was decoded.
    public func unasked(in original: JSONValue) -> [String] {
        Self.unasked(root, original)
    }

    private static func unasked(_ node: Node, _ value: JSONValue) -> [String] {
        switch (node, value) {
        case (.object(let unasked, let children), .object(let object)):
            func pointer(_ index: Int) -> String { "/" + DocumentPath.escaped(object.members[index].key) }
            let below = children.sorted { $0.key < $1.key }.flatMap { index, child in
                Self.unasked(child, object.members[index].value).map { pointer(index) + $0 }
            }
            return unasked.map(pointer) + below
        case (.array(let children), .array(let elements)):
            return children.sorted { $0.key < $1.key }.flatMap { index, child in
                Self.unasked(child, elements[index]).map { "/\(index)" + $0 }
            }
        default: return []
        }
    }

    /// Carries keys that the type never asked for from the document that was read into the one that
    /// is about to be written.
    ///
    /// - A key never asked for stays, unless the new document writes it itself.
    /// - A key that was asked for and left unwritten is gone, with all below it. Dictionaries ask for all
    ///   keys, so what a game removes from one is removed.
    /// - Elements of arrays have no names. One that is unchanged in its known part keeps its unknown keys,
    ///   wherever it moved; a changed one keeps them if the array kept its length and nothing else claims
    ///   its position. Others lose them, which ``Merged/dropped`` counts.
    ///
    /// After a save that carried keys, decode the merged document again before the next one, so that the
    /// trace knows the new positions of array elements.
    ///
    /// - Parameters:
    ///   - original: The document that was decoded.
    ///   - encoded: The type's own new document.
    ///   - trace: The trace of that decoding.
    public static func merge(original: JSONValue, encoded: JSONValue, trace: KeyTrace) -> Merged {
        var dropped = 0
        let document = merge(trace.root, original, encoded, &dropped)
        return Merged(document: document, dropped: dropped)
    }

    /// A document with its unknown keys carried over.
    public struct Merged: Sendable, Equatable {
        /// The type's new document with the unknown keys in place.
        public let document: JSONValue
        /// How many values lost unknown keys because they were removed, or could not be told apart.
        public let dropped: Int
    }

    private static func merge(_ node: Node, _ old: JSONValue, _ new: JSONValue, _ dropped: inout Int) -> JSONValue {
        switch (node, old, new) {
        case (.complete, _, _): return new
        case (.object(let unasked, let children), .object(let original), .object(var result)):
            for (index, child) in children {
                let member = original.members[index]
                guard let value = result[member.key] else {
                    dropped += 1
                    continue
                }
                result[member.key] = merge(child, member.value, value, &dropped)
            }
            for index in unasked where result[original.members[index].key] == nil {
                result[original.members[index].key] = original.members[index].value
            }
            return .object(result)
        case (.array(let children), .array(let original), .array(let result)):
            return .array(merge(children, original, result, &dropped))
        default:
            dropped += 1
            return new
        }
    }

    private static func merge(
        _ children: [Int: Node], _ original: [JSONValue], _ encoded: [JSONValue], _ dropped: inout Int
    ) -> [JSONValue] {
        var result = encoded
        let known = children.reduce(into: [Int: JSONValue]()) { known, child in
            known[child.key] = strip(child.value, original[child.key])
        }
        var open = children.keys.sorted()
        var taken = Set<Int>()
        // Unchanged where it was.
        open.removeAll { index in
            guard index < encoded.count, encoded[index] == known[index] else { return false }
            result[index] = original[index]
            taken.insert(index)
            return true
        }
        guard !open.isEmpty else { return result }
        // Unchanged elsewhere: the positions of each value, last first, so that the first is popped.
        var positions: [JSONValue: [Int]] = [:]
        for position in encoded.indices.reversed() where !taken.contains(position) {
            positions[encoded[position], default: []].append(position)
        }
        open.removeAll { index in
            guard let value = known[index], let position = positions[value]?.popLast() else { return false }
            result[position] = original[index]
            taken.insert(position)
            return true
        }
        for index in open {
            if encoded.count == original.count, !taken.contains(index), let child = children[index] {
                result[index] = merge(child, original[index], encoded[index], &dropped)
            } else {
                dropped += 1
            }
        }
        return result
    }

    /// A value without the keys that were never asked for.
    private static func strip(_ node: Node, _ value: JSONValue) -> JSONValue {
        switch (node, value) {
        case (.object(let unasked, let children), .object(let object)):
            let unasked = Set(unasked)
            let members = object.members.enumerated().compactMap { index, member -> JSONObject.Member? in
                guard !unasked.contains(index) else { return nil }
                return .init(key: member.key, value: children[index].map { strip($0, member.value) } ?? member.value)
            }
            return .object(JSONObject(ordered: members))
        case (.array(let children), .array(var elements)):
            for (index, child) in children { elements[index] = strip(child, elements[index]) }
            return .array(elements)
        default: return value
        }
    }
}
