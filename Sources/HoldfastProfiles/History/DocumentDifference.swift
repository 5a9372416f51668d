import HoldfastReplication
public import HoldfastStorage

/// One place at which two documents differ.
public struct DocumentDifference: Sendable, Hashable {
    /// The place; positions of arrays count what the differences before it have changed.
    public let path: DocumentPath
    /// What was there; nil for nothing.
    public let old: JSONValue?
    /// What is there now; nil for nothing.
    public let new: JSONValue?

    /// Compares two documents; empty where they are equal.
    public static func all(from old: JSONValue, to new: JSONValue) -> [DocumentDifference] {
        var document = old
        return JSONPatch(from: old, to: new).operations.map { operation in
            let path = operation.path
            let isInsertion = if case .add = operation { true } else { false }
            let before = isInsertion ? nil : path.value(in: document)
            // It fits: the operations before it have been carried out.
            try? JSONPatch([operation]).apply(to: &document)
            return DocumentDifference(path: path, old: before, new: operation.value)
        }
    }
}
