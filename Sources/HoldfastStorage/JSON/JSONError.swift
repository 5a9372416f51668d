/// Why bytes are no JSON document that can be kept exactly.
public struct JSONError: Error, Sendable, Equatable {
    /// What a caller decides on.
    public enum Code: String, Sendable {
        /// Not JSON: a misplaced, missing or trailing character.
        case badSyntax
        /// One object names a key twice.
        case duplicateKey
        /// More containers inside one another than the limit allows.
        case tooDeep
        /// More bytes than the limit allows.
        case tooLarge
        /// A number that is no JSON, is not finite, or would change its value as a `Double`.
        case badNumber
        /// Bytes that are not UTF-8.
        case badUTF8
        /// A raw control character, an unknown escape or half a surrogate pair inside a string.
        case badString
    }

    /// What is wrong: the only part to branch on.
    public let code: Code
    /// Where in the input, in bytes; nil when a value was written rather than read.
    public let offset: Int?
    /// Where in the document, as a JSON pointer (RFC 6901).
    public internal(set) var path: String

    init(_ code: Code, at offset: Int? = nil, path: String = "") {
        self.code = code
        self.offset = offset
        self.path = path
    }

    /// The same error seen from one container further out.
    func inside(_ component: String) -> JSONError {
        var outer = self
        outer.path = "/" + DocumentPath.escaped(component) + path
        return outer
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence without the document's content.
    public var description: String {
        let what =
            switch code {
            case .badSyntax: "the document is not JSON"
            case .duplicateKey: "an object names a key twice"
            case .tooDeep: "the document is nested too deeply"
            case .tooLarge: "the document is too large"
            case .badNumber: "a number cannot be kept exactly"
            case .badUTF8: "a string is not UTF-8"
            case .badString: "a string holds a bad escape or control character"
            }
        return offset.map { "\(what) (byte \($0))" } ?? what
    }
}

extension StoreError {
    /// Wraps an error of the JSON codec: `badInput` for what a caller gave, `corrupt` for what was stored.
    public init(_ code: Code, _ error: JSONError, file: String = #fileID, line: Int = #line) {
        self.init(code, error.description, underlying: error, file: file, line: line)
    }
}
