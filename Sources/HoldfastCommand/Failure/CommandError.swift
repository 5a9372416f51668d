/// Why a verb failed, as the operator and a script learn it.
struct CommandError: Error, Sendable {
    /// The word in `{"error":{"code"}}`.
    enum Code: String, Sendable, CaseIterable {
        case usage, badInput, notFound, held, fenced, unavailable, denied, outcomeUnknown, corrupt, newerSchema
        case wrongDeployment, deadline, diskFull
        case internalError = "internal"

        /// The exit code that goes with the word, unless an error states another.
        var exitStatus: ExitStatus {
            switch self {
            case .usage: .usage
            case .badInput, .corrupt: .badInput
            case .notFound: .notFound
            case .held, .fenced: .held
            case .unavailable, .outcomeUnknown, .deadline: .unavailable
            case .denied: .denied
            case .newerSchema, .wrongDeployment: .configuration
            case .diskFull: .inputOutput
            case .internalError: .internalError
            }
        }
    }

    let code: Code
    /// What failed, without player data.
    let reason: String
    /// What to do about it; may be empty.
    let advice: String
    /// The key it happened on, where there is one.
    var key: String?
    let isRetriable: Bool
    let exitStatus: ExitStatus

    init(
        _ code: Code, _ reason: String, advice: String = "", key: String? = nil, isRetriable: Bool? = nil,
        exitCode: ExitStatus? = nil
    ) {
        self.code = code
        self.reason = reason
        self.advice = advice
        self.key = key
        self.isRetriable =
            isRetriable ?? [.held, .unavailable, .outcomeUnknown, .deadline, .diskFull].contains(code)
        self.exitStatus = exitCode ?? code.exitStatus
    }

    /// What failed and what to do, in one line.
    var message: String { advice.isEmpty ? reason : "\(reason); \(advice)" }

    /// A setting that cannot work: exit 78.
    static func configuration(_ message: String) -> CommandError {
        CommandError(.usage, message, exitCode: .configuration)
    }

    /// A wrong flag or argument: exit 64.
    static func usage(_ message: String) -> CommandError {
        CommandError(.usage, message)
    }

    /// Ended by SIGINT or SIGTERM: exit 130.
    ///
    /// The list of words has none for it; like after a lost answer, what was begun may have taken effect.
    static let interrupted = CommandError(
        .outcomeUnknown, "interrupted; what it had begun may have taken effect", exitCode: .interrupted)

    /// The same error on a key, unless it names one already.
    func on(key: String) -> CommandError {
        var error = self
        error.key = error.key ?? key
        return error
    }

    /// The line for standard error.
    var line: String {
        let place = key.map { " (key \(TerminalText.escaped($0)))" } ?? ""
        return "holdfast: \(TerminalText.escaped(message))\(place)"
    }

    /// The document for standard output with `--json`.
    var document: OutputValue {
        [
            "error": [
                "code": .string(code.rawValue), "message": .string(message), "key": key.map { .string($0) } ?? .null,
                "isRetriable": .bool(isRetriable),
            ]
        ]
    }
}
