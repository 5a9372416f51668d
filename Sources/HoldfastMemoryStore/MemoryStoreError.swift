public import HoldfastRedis
public import HoldfastStorage

/// Why a memory structure, a board or a message channel could not do what it was asked.
public struct MemoryStoreError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, notFound, conflict, full, unavailable, outcomeUnknown, deadline, denied, wrongDeployment
            case corrupt, closed, needsStore, rebuilding, notOpen, exhausted
            case internalError = "internal"
        }
        private let base: Base

        /// The caller's own value is outside the documented limits; nothing was sent.
        public static let badInput = Code(base: .badInput)
        /// No such board, season, member or entry.
        public static let notFound = Code(base: .notFound)
        /// Others changed it first as often as it was tried, or it exists with other parameters; nothing was changed.
        public static let conflict = Code(base: .conflict)
        /// The structure holds as much as it may; nothing was changed.
        public static let full = Code(base: .full)
        /// Redis or the store could not be reached or refused for now; nothing was changed.
        public static let unavailable = Code(base: .unavailable)
        /// The request was sent and no answer came: it may or may not have taken effect.
        public static let outcomeUnknown = Code(base: .outcomeUnknown)
        /// The deadline passed, or the caller was cancelled, before the request was sent; nothing was changed.
        public static let deadline = Code(base: .deadline)
        /// Credentials or permissions are wrong; retrying does not help.
        public static let denied = Code(base: .denied)
        /// Redis and store belong to different deployments.
        public static let wrongDeployment = Code(base: .wrongDeployment)
        /// What is stored cannot be read; it was left untouched.
        public static let corrupt = Code(base: .corrupt)
        /// The client is shut down, or was never run.
        public static let closed = Code(base: .closed)
        /// A durable call on a ``MemoryStore`` that was made without a store.
        public static let needsStore = Code(base: .needsStore)
        /// Redis lost it and it is being brought back from the store; nothing was changed.
        public static let rebuilding = Code(base: .rebuilding)
        /// The board takes no scores at this time: it has not started, or has ended; nothing was changed.
        public static let notOpen = Code(base: .notOpen)
        /// The member has used up its submissions; nothing was changed.
        public static let exhausted = Code(base: .exhausted)
        /// An answer nobody expected.
        public static let internalError = Code(base: .internalError)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence for an operator.
    ///
    /// Holds no player data.
    public let message: String
    /// What the Redis client or the store threw; nil when the structure itself decided.
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
    public var isRetriable: Bool { [.conflict, .unavailable, .outcomeUnknown, .deadline, .rebuilding].contains(code) }
}

extension MemoryStoreError {
    /// Judges what the Redis client threw.
    public init(_ error: RedisError, file: String = #fileID, line: Int = #line) {
        let code: Code =
            switch error.code {
            case .badInput: .badInput
            case .unavailable: .unavailable
            case .outcomeUnknown: .outcomeUnknown
            case .deadline, .cancelled: .deadline
            case .denied: .denied
            case .closed, .notRunning: .closed
            default: .internalError
            }
        self.init(code, error.message, underlying: error, file: file, line: line)
    }

    /// Judges what the store threw.
    public init(_ error: StoreError, file: String = #fileID, line: Int = #line) {
        let code: Code =
            switch error.code {
            case .badInput: .badInput
            case .unavailable: .unavailable
            case .outcomeUnknown, .diskFull: .outcomeUnknown
            case .deadline: .deadline
            case .corrupt, .newerSchema: .corrupt
            case .wrongDeployment: .wrongDeployment
            case .denied: .denied
            case .notFound: .notFound
            case .closed: .closed
            default: .internalError
            }
        self.init(code, error.message, underlying: error, file: file, line: line)
    }
}

extension MemoryStoreError: CustomStringConvertible {
    /// `code: message`, without the underlying error.
    public var description: String { "\(code): \(message)" }
}
