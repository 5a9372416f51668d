/// Why a publisher or a replica could not do what it was asked; nothing was changed.
public struct ReplicationError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, malformed, tooLarge, doesNotApply
        }
        private let base: Base

        /// The caller's own document or value cannot be sent: NaN, infinity, nested too deeply.
        public static let badInput = Code(base: .badInput)
        /// The bytes are no message: not JSON, an unknown form, an operation or a path that is none.
        public static let malformed = Code(base: .malformed)
        /// The bytes, or the document that they would lead to, are over the limit.
        public static let tooLarge = Code(base: .tooLarge)
        /// A patch names a place that the document does not have, or tests for a value that is not there.
        public static let doesNotApply = Code(base: .doesNotApply)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence that holds no value of a document; it may name a path.
    public let message: String
    /// The codec's error behind it; nil when there is none.
    public let underlying: (any Error)?
    /// The source file that gave up, as `Module/File.swift`.
    public let file: String
    /// The line in ``file``, from 1.
    public let line: Int

    /// Makes an error; `file` and `line` name the place that gave up.
    public init(
        _ code: Code, _ message: String, underlying: (any Error)? = nil,
        file: String = #fileID, line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.underlying = underlying
        self.file = file
        self.line = line
    }
}

extension ReplicationError: CustomStringConvertible {
    /// `code: message`, without the underlying error.
    public var description: String { "\(code): \(message)" }
}
