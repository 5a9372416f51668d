/// Why the shared side could not do what it was asked.
public struct CoordinationError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, unavailable, outcomeUnknown, deadline, denied, wrongDeployment, closed
            case internalError = "internal"
        }
        private let base: Base

        /// The caller's own value is outside the documented limits; nothing was sent.
        public static let badInput = Code(base: .badInput)
        /// The shared side could not be reached or refused for now; nothing was changed.
        public static let unavailable = Code(base: .unavailable)
        /// The request was sent and no answer came.
        public static let outcomeUnknown = Code(base: .outcomeUnknown)
        /// The deadline passed before the request was sent.
        public static let deadline = Code(base: .deadline)
        /// Credentials or permissions are wrong; retrying does not help.
        public static let denied = Code(base: .denied)
        /// Redis and store belong to different deployments.
        public static let wrongDeployment = Code(base: .wrongDeployment)
        /// The client is shut down, or was never run.
        public static let closed = Code(base: .closed)
        /// An answer nobody expected.
        public static let internalError = Code(base: .internalError)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence for an operator.
    public let message: String
    /// What the Redis client threw; nil when the backend itself decided.
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

    /// Whether the same request may succeed later without any change by the caller.
    public var isRetriable: Bool { [.unavailable, .outcomeUnknown, .deadline].contains(code) }
}

extension CoordinationError: CustomStringConvertible {
    /// `code: message`, without the underlying error.
    public var description: String { "\(code): \(message)" }
}
