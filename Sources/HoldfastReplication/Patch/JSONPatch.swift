public import HoldfastStorage

/// Changes of a JSON document after RFC 6902: `add`, `remove`, `replace` and `test`, in order.
///
/// `move` and `copy` are neither written nor read: a copy of a copy could make a small message a huge document.
public struct JSONPatch: Sendable, Hashable {
    /// One change; a place is written as a JSON pointer (RFC 6901).
    public enum Operation: Sendable, Hashable {
        /// Sets a member, or inserts an array element before a position (`-` is the end); the parent must exist.
        case add(DocumentPath, JSONValue)
        /// Removes what must be there.
        case remove(DocumentPath)
        /// Replaces what must be there; the path without components is the whole document.
        case replace(DocumentPath, JSONValue)
        /// Goes on only where this value is.
        case test(DocumentPath, JSONValue)
    }

    /// In the order in which they apply.
    public var operations: [Operation]

    /// Takes operations as they are.
    public init(_ operations: [Operation] = []) {
        self.operations = operations
    }

    /// Reads the array of operations that RFC 6902 describes; members that it does not name are passed over.
    ///
    /// - Throws: ``ReplicationError`` with code `malformed`.
    public init(json: JSONValue) throws(ReplicationError) {
        guard let elements = json.array else { throw ReplicationError(.malformed, "a patch is an array") }
        operations = []
        operations.reserveCapacity(elements.count)
        for element in elements { operations.append(try Operation(json: element)) }
    }

    /// The array of operations as RFC 6902 writes it.
    public var json: JSONValue { .array(operations.map(\.json)) }
}

extension JSONPatch.Operation {
    /// The place that it is about.
    public var path: DocumentPath {
        switch self {
        case .add(let path, _), .remove(let path), .replace(let path, _), .test(let path, _): path
        }
    }

    /// The value that it brings or tests for; nil for `remove`.
    public var value: JSONValue? {
        switch self {
        case .add(_, let value), .replace(_, let value), .test(_, let value): value
        case .remove: nil
        }
    }

    init(json: JSONValue) throws(ReplicationError) {
        guard let path = json["path"]?.string.flatMap(DocumentPath.init(pointer:)) else {
            throw ReplicationError(.malformed, "an operation has no path, or one that is no JSON pointer")
        }
        switch (json["op"]?.string, json["value"]) {
        case ("add", let value?): self = .add(path, value)
        case ("remove", _): self = .remove(path)
        case ("replace", let value?): self = .replace(path, value)
        case ("test", let value?): self = .test(path, value)
        default: throw ReplicationError(.malformed, "an operation is none of add, remove, replace and test")
        }
    }

    var json: JSONValue {
        let (name, value): (String, JSONValue?) =
            switch self {
            case .add(_, let value): ("add", value)
            case .remove: ("remove", nil)
            case .replace(_, let value): ("replace", value)
            case .test(_, let value): ("test", value)
            }
        var object: JSONValue = ["op": .string(name), "path": .string(path.pointer)]
        object["value"] = value
        return object
    }
}
