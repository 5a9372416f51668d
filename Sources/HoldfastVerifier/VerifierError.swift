/// Why a run could not be judged.
///
/// A run that was judged and failed is a ``Verdict``, not an error.
public struct VerifierError: Error, Sendable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, badJournal, notFound, unavailable, unreadableStore
        }
        private let base: Base

        /// The store's address is of no known form, or the journals belong to another deployment.
        public static let badInput = Code(base: .badInput)
        /// A journal holds a line that is neither valid nor the torn end of a killed process.
        public static let badJournal = Code(base: .badJournal)
        /// The journals, the store, the deployment or the commit log do not exist.
        public static let notFound = Code(base: .notFound)
        /// The store could not be reached, or did not answer in time.
        public static let unavailable = Code(base: .unavailable)
        /// The store answered with rows that do not have the documented form.
        public static let unreadableStore = Code(base: .unreadableStore)

        /// The code's name.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// One sentence for an operator.
    public let message: String
    /// The error that caused this one, if there was one.
    public let underlying: (any Error)?
    /// The source file that gave up.
    public let file: String
    /// The line that gave up.
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

    /// Whether the same call may succeed later without any change by the caller.
    public var isRetriable: Bool { code == .unavailable }
}

extension VerifierError: CustomStringConvertible {
    /// Code and message in one line.
    public var description: String { "\(code): \(message)" }
}
