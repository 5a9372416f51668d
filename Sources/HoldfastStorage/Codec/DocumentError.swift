/// Why a typed value and a document do not fit each other.
public struct DocumentError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badValue, tooDeep, wrongType, missing, refused
        }
        private let base: Base

        /// A value that has no JSON form: NaN, infinity, or nothing at all.
        public static let badValue = Code(base: .badValue)
        /// More containers inside one another than a document may have.
        public static let tooDeep = Code(base: .tooDeep)
        /// The document holds another kind of value, or a number that the type cannot hold exactly.
        public static let wrongType = Code(base: .wrongType)
        /// The document lacks a value that the type needs.
        public static let missing = Code(base: .missing)
        /// The type's own code threw; see ``DocumentError/underlying``.
        public static let refused = Code(base: .refused)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence for a developer.
    ///
    /// Holds key names, no values.
    public let message: String
    /// Where in the document, as `/inventory/3/name`.
    public let path: String
    /// What the type or the standard coder threw; may quote values, so keep it out of logs.
    public let underlying: (any Error)?
    /// The source file that gave up, as `Module/File.swift`.
    public let file: String
    /// The line in ``file``, from 1.
    public let line: Int

    init(
        _ code: Code, _ message: String, path: String, underlying: (any Error)? = nil,
        file: String = #fileID, line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.underlying = underlying
        self.file = file
        self.line = line
    }

    /// Translates what a type's `encode(to:)` or `init(from:)` threw.
    init(_ error: any Error, file: String = #fileID, line: Int = #line) {
        let code: Code
        let context: (path: [any CodingKey], message: String)
        switch error {
        case let error as DocumentError:
            self = error
            return
        case EncodingError.invalidValue(_, let found):
            code = found.underlyingError is DepthExceeded ? .tooDeep : .badValue
            context = (found.codingPath, found.debugDescription)
        case DecodingError.typeMismatch(_, let found), DecodingError.dataCorrupted(let found):
            code = found.underlyingError is DepthExceeded ? .tooDeep : .wrongType
            context = (found.codingPath, found.debugDescription)
        case DecodingError.valueNotFound(_, let found):
            (code, context) = (.missing, (found.codingPath, found.debugDescription))
        case DecodingError.keyNotFound(let key, let found):
            (code, context) = (.missing, (found.codingPath + [key], "the key is missing"))
        default:
            (code, context) = (.refused, ([], "the type's own code threw"))
        }
        let path = context.path.map { "/" + $0.stringValue }.joined()
        self.init(code, context.message, path: path, underlying: error, file: file, line: line)
    }
}

extension DocumentError: CustomStringConvertible {
    /// `code at path: message`; no values of the document.
    public var description: String {
        path.isEmpty ? "\(code): \(message)" : "\(code) at \(path): \(message)"
    }
}

/// Marks coding errors that are about depth, since the standard ones have no case for it.
struct DepthExceeded: Error {}
