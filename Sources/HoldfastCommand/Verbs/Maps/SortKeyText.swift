import HoldfastMemoryStore
import HoldfastStorage

/// Sort keys as the command line spells them.
enum SortKeyText {
    /// Reads a JSON number or string; anything else is a text as it stands.
    ///
    /// - Throws: ``CommandError`` with code `usage` for a number that a double does not hold exactly, and for `nan` and
    ///   `inf` without quotes, which were meant as numbers.
    static func parse(_ text: String, option: String) throws -> SortKey {
        switch try? CanonicalJSON.parse(Array(text.utf8)) {
        case .string(let string): return .string(string)
        case .double(let number): return .number(number)
        case .integer(let number) where Int64(exactly: Double(number)) == number: return .number(Double(number))
        case .integer, .unsigned:
            throw CommandError.usage(
                "\(option): \(text) is not exact as a number of 64 bits; quote it to sort it as text")
        default: break
        }
        guard Double(text)?.isFinite ?? true else {
            throw CommandError.usage("\(option): a number must be finite; quote it to sort it as text")
        }
        return .string(text)
    }

    static func output(_ sortKey: SortKey?) -> OutputValue {
        switch sortKey {
        case .number(let number)?: (try? CanonicalJSON.write(JSONValue(number))).map { .raw($0) } ?? .null
        case .string(let text)?: .string(text)
        case nil: .null
        }
    }

    static func text(_ sortKey: SortKey?) -> String {
        if case .null = output(sortKey) { return "-" }
        return OutputWriter.text(output(sortKey))
    }
}
