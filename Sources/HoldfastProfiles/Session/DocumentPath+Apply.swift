import HoldfastStorage

extension DocumentPath {
    /// Changes the value at this place.
    ///
    /// `change` gets nil where nothing is yet and leaves nil to remove it. Objects that lack on the way are made,
    /// unless nothing is put into them.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` when the way there leads through something that is neither
    ///   object nor array, to an array position that does not exist, or deeper than any document can be; and what
    ///   `change` throws.
    func apply(to document: inout JSONValue, _ change: (inout JSONValue?) throws -> Void) throws {
        let deepest = CanonicalJSON.Limits().maximumDepth
        guard components.count <= deepest else {
            throw ProfileError(.badInput, "a path has at most \(deepest) components, not \(components.count)")
        }
        try Self.apply(components[...], to: &document, path: self, change)
    }

    private static func apply(
        _ rest: ArraySlice<String>, to value: inout JSONValue, path: DocumentPath,
        _ change: (inout JSONValue?) throws -> Void
    ) throws {
        guard let component = rest.first, !component.isEmpty else {
            throw ProfileError(.badInput, "path \(path) has an empty component")
        }
        let isLast = rest.count == 1
        switch value {
        case .object(var object):
            var child = object[component]
            if isLast {
                try change(&child)
            } else {
                let empty = JSONValue.object(JSONObject())
                var inner = child ?? empty
                try apply(rest.dropFirst(), to: &inner, path: path, change)
                if child != nil || inner != empty { child = inner }
            }
            object[component] = child
            value = .object(object)
        case .array(var elements):
            guard let index = Self.position(component), elements.indices.contains(index) else {
                throw ProfileError(.badInput, "path \(path): the array has no position \(component)")
            }
            if isLast {
                var child: JSONValue? = elements[index]
                try change(&child)
                if let child { elements[index] = child } else { elements.remove(at: index) }
            } else {
                try apply(rest.dropFirst(), to: &elements[index], path: path, change)
            }
            value = .array(elements)
        default:
            throw ProfileError(.badInput, "path \(path) leads through \(value.kind) at \(component)")
        }
    }
}
