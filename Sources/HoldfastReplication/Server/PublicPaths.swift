public import HoldfastStorage

/// The places of a document that clients may see; everything else stays on the server.
///
/// `["name", "wallet.coins", "items.*.kind"]` shows the whole of `name`, of `wallet` nothing but `coins`, and of each
/// element of `items` its `kind`. A component `*` stands for every member of an object and every element of an array.
/// Names match members of objects only, never positions of an array; a member whose name is `*` cannot be shown alone.
///
/// Containers on the way to a public place are seen empty, and array elements without anything public as `null`, so
/// that positions stay; the number of elements of an array is therefore seen.
public struct PublicPaths: Sendable, ExpressibleByArrayLiteral {
    let root: Node

    /// Shows these places.
    public init(_ paths: [DocumentPath]) {
        root = Node(paths.map { $0.components[...] })
    }

    /// Shows these places.
    public init(arrayLiteral paths: DocumentPath...) {
        self.init(paths)
    }

    /// The public part of a document; `null` where nothing of it is public.
    ///
    /// The cost goes by the size of the public part, not of the document, unless a `*` has to look at every member.
    public func filter(_ document: JSONValue) -> JSONValue {
        root.filter(document) ?? .null
    }

    /// What is public below one place.
    final class Node: Sendable {
        /// Everything here and below.
        let isWhole: Bool
        /// By name, in the order of their bytes.
        private let members: [(name: String, node: Node)]
        /// What `*` says: of array elements, and of members that are not in `members`.
        private let others: Node?

        init(_ paths: [ArraySlice<String>]) {
            isWhole = paths.contains { $0.isEmpty }
            let rests = paths.filter { $0.first == "*" }.map { $0.dropFirst() }
            others = rests.isEmpty ? nil : Node(rests)
            var names: [String] = []
            for name in paths.compactMap(\.first)
            where name != "*" && !names.contains(where: { $0.hasSameBytes(as: name) }) {
                names.append(name)
            }
            members = names.sorted { $0.precedesByBytes($1) }.map { name in
                let own = paths.filter { $0.first.map { $0.hasSameBytes(as: name) } ?? false }.map { $0.dropFirst() }
                return (name, Node(own + rests))
            }
        }

        /// What is public below a member; nil for nothing.
        func member(_ name: String) -> Node? {
            isWhole ? self : members.first { $0.name.hasSameBytes(as: name) }?.node ?? others
        }

        /// What is public below an array element; nil where the array is not public.
        var element: Node? { isWhole ? self : others }

        func filter(_ value: JSONValue) -> JSONValue? {
            if isWhole { return value }
            switch value {
            case .object(let object): return .object(filter(object))
            case .array(let elements):
                return others.map { node in .array(elements.map { node.filter($0) ?? .null }) }
            default: return nil
            }
        }

        private func filter(_ object: JSONObject) -> JSONObject {
            var shown = JSONObject()
            if others == nil {
                for (name, node) in members { shown[name] = object[name].flatMap(node.filter) }
            } else {
                for item in object.members { shown[item.key] = member(item.key)?.filter(item.value) }
            }
            return shown
        }
    }
}
