/// What an item is: a number, as block games count them, or a name.
///
/// The number 0 and the empty name belong to the empty slot; no stack can have them. In JSON it is a number or a
/// string.
public enum ItemID: Hashable, Sendable {
    /// A number from 1.
    case number(Int64)
    /// 1 to 64 of the characters `A–Z a–z 0–9 _ . : / -`.
    case name(String)

    /// Whether it stands for no item.
    var isNone: Bool { self == .number(0) || self == .name("") }

    /// - Throws: ``GameplayError`` with code `badInput`.
    func check() throws(GameplayError) {
        switch self {
        case .number(let number):
            guard number > 0 else { throw GameplayError(.badInput, "an item's number is at least 1, unlike \(number)") }
        case .name(let name):
            try Checks.name(name, "an item's name")
        }
    }
}

extension ItemID: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// Makes a number.
    public init(integerLiteral number: Int64) { self = .number(number) }
    /// Makes a name.
    public init(stringLiteral name: String) { self = .name(name) }
}

extension ItemID: CustomStringConvertible {
    /// The number in decimal, or the name.
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .name(let name): name
        }
    }
}

extension ItemID: Codable {
    /// Reads a number or a string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else {
            self = .name(try container.decode(String.self))
        }
    }

    /// Writes a number or a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .name(let name): try container.encode(name)
        }
    }
}
