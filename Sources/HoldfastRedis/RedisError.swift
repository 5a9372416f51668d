/// Why Redis did not do, or may not have done, what it was asked.
public struct RedisError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, unavailable, outcomeUnknown, deadline, cancelled, denied, server, protocolViolation
            case closed, notRunning, crossSlot
        }
        private let base: Base

        /// The caller's or the configuration's own value cannot be used; nothing was sent.
        public static let badInput = Code(base: .badInput)
        /// Redis could not be reached, or refused before any effect (LOADING, BUSY, CLUSTERDOWN, OOM, READONLY,
        /// MISCONF, NOREPLICAS, MASTERDOWN, TRYAGAIN, UNBLOCKED).
        public static let unavailable = Code(base: .unavailable)
        /// The command was sent and no reply came, or nobody waited for it any longer: it may or may not have taken
        /// effect.
        public static let outcomeUnknown = Code(base: .outcomeUnknown)
        /// The deadline passed before the command was sent; it will not be sent.
        public static let deadline = Code(base: .deadline)
        /// The calling task was cancelled before the command was sent; it will not be sent.
        ///
        /// Cancelled later it is ``outcomeUnknown``.
        public static let cancelled = Code(base: .cancelled)
        /// Credentials, permissions or certificates are wrong; retrying does not help.
        public static let denied = Code(base: .denied)
        /// Redis answered with another error, found in ``RedisError/serverError``.
        public static let server = Code(base: .server)
        /// The far end sent something that is not the expected reply.
        public static let protocolViolation = Code(base: .protocolViolation)
        /// The client's `run()` has ended.
        public static let closed = Code(base: .closed)
        /// The client's `run()` had not been called by the deadline; nothing was sent.
        public static let notRunning = Code(base: .notRunning)

        /// The keys of one command have different slots of a cluster; nothing was sent.
        ///
        /// Keys that are used together need one hash tag.
        public static let crossSlot = Code(base: .crossSlot)

        /// The code's name.
        public var description: String { base.rawValue }
    }

    /// Boxed, so that a failed reply costs a waiting caller no more room than a pointer.
    private final class Storage: Sendable {
        let code: Code
        let message: String
        let serverError: RedisServerError?
        let underlying: (any Error)?
        let file: String
        let line: Int

        init(
            code: Code, message: String, serverError: RedisServerError?, underlying: (any Error)?, file: String,
            line: Int
        ) {
            self.code = code
            self.message = message
            self.serverError = serverError
            self.underlying = underlying
            self.file = file
            self.line = line
        }
    }

    private let storage: Storage

    /// What a caller decides on.
    public var code: Code { storage.code }
    /// One sentence for an operator.
    ///
    /// Holds no arguments of the command.
    public var message: String { storage.message }
    /// The error reply that Redis sent, if there was one.
    public var serverError: RedisServerError? { storage.serverError }
    /// What lies behind it, if anything.
    public var underlying: (any Error)? { storage.underlying }
    /// The file that gave up.
    public var file: String { storage.file }
    /// The line that gave up.
    public var line: Int { storage.line }

    /// Makes an error; `file` and `line` name the place that gave up.
    public init(
        _ code: Code, _ message: String, serverError: RedisServerError? = nil, underlying: (any Error)? = nil,
        file: String = #fileID, line: Int = #line
    ) {
        self.storage = Storage(
            code: code, message: message, serverError: serverError, underlying: underlying, file: file, line: line)
    }

    /// Judges an error reply.
    public init(_ reply: RedisServerError, file: String = #fileID, line: Int = #line) {
        self.init(reply.code, "Redis answered \(reply)", serverError: reply, file: file, line: line)
    }

    /// Whether the same command may succeed later without any change by the caller.
    ///
    /// After ``Code/outcomeUnknown`` only a command that recognises its own repetition may be sent again.
    public var isRetriable: Bool { [.unavailable, .outcomeUnknown, .deadline].contains(code) }

    /// Whether only a change of the configuration helps.
    var isPermanent: Bool { code == .denied || code == .badInput }
}

extension RedisError: CustomStringConvertible {
    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
