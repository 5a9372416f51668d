extension KeyTrace {
    /// Whether the type asked for what the decoded document has at a place; true where it has nothing there.
    ///
    /// What it did not ask for is not in the decoded value.
    package func isAsked(for path: DocumentPath, in original: JSONValue) -> Bool {
        var node = root
        var value = original
        for component in path.components {
            switch (node, value) {
            case (.object(let unasked, let children), .object(let object)):
                guard let index = object.members.firstIndex(where: { $0.key.hasSameBytes(as: component) }) else {
                    return true
                }
                guard !unasked.contains(index) else { return false }
                guard let child = children[index] else { return true }
                (node, value) = (child, object.members[index].value)
            case (.array(let children), .array(let elements)):
                guard let index = DocumentPath.position(component), elements.indices.contains(index),
                    let child = children[index]
                else { return true }
                (node, value) = (child, elements[index])
            default:
                return true
            }
        }
        return true
    }
}
