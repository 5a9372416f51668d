/// Why a private server could not be started or asked.
public struct PrivateServerError: Error, CustomStringConvertible {
    /// What went wrong, for the log.
    public let description: String

    /// Wraps one sentence.
    public init(_ description: String) {
        self.description = description
    }
}
