/// A place inside a document: names and array positions, written `wallet.coins` or `items.0.count`.
///
/// A name that holds a dot is written as a component of ``init(components:)`` or in a JSON pointer. Names are equal
/// only when their UTF-8 bytes are.
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

    /// Takes components as they are; none at all name the whole document.
    public init(components: [String]) {
        self.components = components
    }

    /// Reads a JSON pointer (RFC 6901) such as `/wallet/coins`, the empty text for the whole document; nil for others.
    public init?(pointer: String) {
        var components: [[UInt8]] = []
        var bytes = pointer.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "/"): components.append([])
            case _ where components.isEmpty: return nil
            case UInt8(ascii: "~"):
                switch bytes.popFirst() {
                case UInt8(ascii: "0"): components[components.count - 1].append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): components[components.count - 1].append(UInt8(ascii: "/"))
                default: return nil
                }
            default: components[components.count - 1].append(byte)
            }
        }
        self.components = components.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The components joined by dots; not reversible when one holds a dot.
    public var description: String { components.joined(separator: ".") }

    /// The path as a JSON pointer (RFC 6901), which any path can be read back from.
    public var pointer: String { components.map { "/" + Self.escaped($0) }.joined() }

    /// Compares components by their bytes.
    public static func == (left: DocumentPath, right: DocumentPath) -> Bool {
        left.components.elementsEqual(right.components) { $0.hasSameBytes(as: $1) }
    }

    /// Hashes the components' bytes, in keeping with `==`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(components.count)
        for component in components { component.hashBytes(into: &hasher) }
    }

    /// Reads the value at this place; nil when there is none.
    public func value(in document: JSONValue) -> JSONValue? {
        components.reduce(Optional(document)) { value, component in
            switch value {
            case .object(let object): object[component]
            case .array(let elements):
                Self.position(component).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: nil
            }
        }
    }

    /// The array position that a component names: decimal digits without leading zeros; nil for anything else.
    package static func position(_ component: String) -> Int? {
        guard component.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            component.utf8.count == 1 || component.utf8.first != 0x30
        else { return nil }
        return Int(component)
    }

    /// One component as a JSON pointer spells it.
    static func escaped(_ component: String) -> String {
        var escaped = ""
        for character in component.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
