public import HoldfastStorage

/// A place inside a document: names and array positions, written `wallet.coins` or `items.0.count`.
///
/// A name that holds a dot or consists of digits is written as a component of ``init(components:)``.
public struct DocumentPath: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// From the root to the place; digits name array positions where the document has an array.
    public let components: [String]

    /// Splits at dots.
    public init(_ text: String) {
        components = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// Splits at dots, so that a literal can stand for a path.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// Takes components as they are.
    public init(components: [String]) {
        self.components = components
    }

    /// The components joined by dots; not reversible when one holds a dot.
    public var description: String { components.joined(separator: ".") }

    /// Reads the value at this place; nil when there is none.
    public func value(in document: JSONValue) -> JSONValue? {
        components.reduce(Optional(document)) { value, component in
            switch value {
            case .object(let object): object[component]
            case .array(let elements): Int(component).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: nil
            }
        }
    }

    /// Changes the value at this place.
    ///
    /// `change` gets nil where nothing is yet and leaves nil to remove it.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` when the way there leads through something that is neither
    ///   object nor array, or to an array position that does not exist; and what `change` throws.
    func apply(to document: inout JSONValue, _ change: (inout JSONValue?) throws -> Void) throws {
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
                var inner = child ?? .object(JSONObject())
                try apply(rest.dropFirst(), to: &inner, path: path, change)
                child = inner
            }
            object[component] = child
            value = .object(object)
        case .array(var elements):
            guard let index = Int(component), elements.indices.contains(index) else {
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
