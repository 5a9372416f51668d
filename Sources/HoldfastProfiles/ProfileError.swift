import HoldfastCoordination
public import HoldfastStorage

/// Why a call on a coordinator, a collection or a session failed.
public struct ProfileError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, notFound, held, fenced, unavailable, denied, outcomeUnknown, corrupt, newerSchema, fallback,
                conflict, dropped
            case wrongDeployment, deadline, diskFull, busy, ended, storeRestored, notReady, shuttingDown
            case drainIncomplete, cancelled
            case internalError = "internal"
        }
        private let base: Base

        /// The caller's own value is outside the documented limits; nothing was sent.
        public static let badInput = Code(base: .badInput)
        /// There is no such record, or nothing was ever saved in it.
        public static let notFound = Code(base: .notFound)
        /// A live server holds the record, and did not release it in time if it was asked to.
        public static let held = Code(base: .held)
        /// The session was superseded: another one owns the record now.
        ///
        /// Nothing of this call was written.
        public static let fenced = Code(base: .fenced)
        /// Redis or the store could not be reached; nothing was changed.
        public static let unavailable = Code(base: .unavailable)
        /// Credentials or permissions are wrong.
        public static let denied = Code(base: .denied)
        /// The request was sent and no answer came.
        ///
        /// A session goes on asking until the store answers.
        public static let outcomeUnknown = Code(base: .outcomeUnknown)
        /// Stored bytes are damaged, do not fit the document type or cannot be migrated; they were left as they are.
        public static let corrupt = Code(base: .corrupt)
        /// The document was written by a newer build that this one may not read; it was left as it is.
        public static let newerSchema = Code(base: .newerSchema)
        /// The condition of a write does not hold; nothing was changed.
        public static let conflict = Code(base: .conflict)
        /// Edits were built on an operation that was cancelled or expired elsewhere, and went with it.
        ///
        /// Everything else is saved. What the edits did is to be done anew where it still applies.
        public static let dropped = Code(base: .dropped)
        /// The session is a fallback on the template: it can never be saved.
        public static let fallback = Code(base: .fallback)
        /// Store and Redis belong to different deployments, or the timings differ from the stored ones.
        public static let wrongDeployment = Code(base: .wrongDeployment)
        /// The deadline passed before the call could begin.
        public static let deadline = Code(base: .deadline)
        /// The store's disk is full.
        ///
        /// A save that met it may have been written all the same; its session goes on asking.
        public static let diskFull = Code(base: .diskFull)
        /// A transaction or another edit is using the document right now; try again.
        public static let busy = Code(base: .busy)
        /// The session is over: closed, handed over or lost.
        public static let ended = Code(base: .ended)
        /// The store was restored from a backup since the session's open: it is over, and nothing of this call was
        /// written.
        public static let storeRestored = Code(base: .storeRestored)
        /// `run()` has not been started, or has not reached Redis and the store yet.
        public static let notReady = Code(base: .notReady)
        /// This server is draining and opens nothing any more.
        public static let shuttingDown = Code(base: .shuttingDown)
        /// The drain's deadline passed with sessions unsaved; the message names them.
        public static let drainIncomplete = Code(base: .drainIncomplete)
        /// The caller was cancelled.
        public static let cancelled = Code(base: .cancelled)
        /// A defect of ours or an answer nobody expected.
        public static let internalError = Code(base: .internalError)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence for an operator.
    ///
    /// Holds no document data.
    public let message: String
    /// The record that the call was about, if any.
    public let record: RecordID?
    /// The ``StoreError``, ``CoordinationError`` or codec's error behind it; nil when there is none.
    public let underlying: (any Error)?
    /// The source file that gave up, as `Module/File.swift`.
    public let file: String
    /// The line in ``file``, from 1.
    public let line: Int

    /// Makes an error; `file` and `line` name the place that gave up.
    public init(
        _ code: Code, _ message: String, record: RecordID? = nil, underlying: (any Error)? = nil,
        file: String = #fileID, line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.record = record
        self.underlying = underlying
        self.file = file
        self.line = line
    }

    /// Whether the same call may succeed later without any change by the caller.
    public var isRetriable: Bool {
        [.held, .unavailable, .outcomeUnknown, .deadline, .diskFull, .busy, .notReady].contains(code)
    }
}

extension ProfileError: CodedFailure {
    package var word: String { code.description }
}

extension ProfileError: CustomStringConvertible {
    /// `code: record: message`, without the underlying error.
    public var description: String {
        record.map { "\(code): \($0): \(message)" } ?? "\(code): \(message)"
    }
}

extension ProfileError {
    init(_ error: StoreError, record: RecordID? = nil, file: String = #fileID, line: Int = #line) {
        let codes: [StoreError.Code: Code] = [
            .badInput: .badInput, .unavailable: .unavailable, .outcomeUnknown: .outcomeUnknown, .deadline: .deadline,
            .corrupt: .corrupt, .newerSchema: .newerSchema, .wrongDeployment: .wrongDeployment, .diskFull: .diskFull,
            .denied: .denied, .notFound: .notFound, .closed: .notReady,
        ]
        self.init(
            codes[error.code] ?? .internalError, error.message, record: record, underlying: error, file: file,
            line: line
        )
    }

    init(_ error: CoordinationError, record: RecordID? = nil, file: String = #fileID, line: Int = #line) {
        let codes: [CoordinationError.Code: Code] = [
            .badInput: .badInput, .unavailable: .unavailable, .outcomeUnknown: .outcomeUnknown, .deadline: .deadline,
            .denied: .denied, .wrongDeployment: .wrongDeployment, .closed: .notReady,
        ]
        self.init(
            codes[error.code] ?? .internalError, error.message, record: record, underlying: error, file: file,
            line: line
        )
    }

    /// `waited` tells whether the holder was asked for the record at all.
    init(_ error: ClaimError, record: RecordID, waited: Bool, file: String = #fileID, line: Int = #line) {
        switch error {
        case .held(let owner):
            let end = waited ? ", which did not release it in time" : ""
            self.init(.held, "held by server \(owner.server)\(end)", record: record, file: file, line: line)
        case .unsealed:
            self.init(
                .unavailable, "the store kept refusing the lease's token until the deadline", record: record,
                file: file, line: line
            )
        case .coordination(let error): self.init(error, record: record, file: file, line: line)
        case .store(let error): self.init(error, record: record, file: file, line: line)
        case .cancelled:
            self.init(.cancelled, "the open was abandoned", record: record, file: file, line: line)
        }
    }
}
