/// Why a durable store could not do what it was asked.
public struct StoreError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, unavailable, outcomeUnknown, deadline, corrupt, newerSchema, wrongDeployment, diskFull
            case denied, notFound, closed, internalError = "internal"
        }
        private let base: Base

        /// The caller's own value is outside the documented limits; nothing was sent.
        public static let badInput = Code(base: .badInput)
        /// The store could not be reached or was busy; nothing was changed.
        public static let unavailable = Code(base: .unavailable)
        /// The request was sent and no answer came: it may or may not have taken effect.
        public static let outcomeUnknown = Code(base: .outcomeUnknown)
        /// The deadline passed before the request was sent; nothing was changed.
        public static let deadline = Code(base: .deadline)
        /// Stored bytes do not match their checksum or format; they were left untouched.
        public static let corrupt = Code(base: .corrupt)
        /// The store's layout, or a document, was written by a newer build that this one may not read.
        public static let newerSchema = Code(base: .newerSchema)
        /// Store and Redis belong to different deployments, or this one was never migrated.
        public static let wrongDeployment = Code(base: .wrongDeployment)
        /// The store's disk is full.
        ///
        /// A commit that met it may have taken effect all the same.
        public static let diskFull = Code(base: .diskFull)
        /// The store refused the credentials or the permission.
        public static let denied = Code(base: .denied)
        /// No such deployment, record or file.
        public static let notFound = Code(base: .notFound)
        /// The store was closed, or has not been started.
        public static let closed = Code(base: .closed)
        /// A defect of ours or an answer nobody expected.
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
    /// What the database or the codec threw; nil when the store itself decided.
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
    public var isRetriable: Bool {
        [.unavailable, .outcomeUnknown, .deadline, .diskFull].contains(code)
    }

    /// Whether the request may have taken effect all the same: only the same bytes, sent again, can tell.
    public var isAmbiguous: Bool { [.outcomeUnknown, .diskFull].contains(code) }
}

extension StoreError: CustomStringConvertible {
    /// `code: message`, without the underlying error.
    public var description: String { "\(code): \(message)" }
}
