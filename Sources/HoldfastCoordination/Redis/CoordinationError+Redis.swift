import HoldfastRedis

extension CoordinationError {
    /// Translates what the Redis client reports.
    init(_ error: RedisError, file: String = #fileID, line: Int = #line) {
        let code: Code =
            switch error.code {
            case .badInput: .badInput
            case .unavailable: .unavailable
            case .deadline: .deadline
            case .denied: .denied
            case .closed, .notRunning: .closed
            // Of several commands some may have been sent; a broken answer says nothing about what was done.
            case .outcomeUnknown, .cancelled, .protocolViolation: .outcomeUnknown
            default: .internalError
            }
        self.init(code, error.message, underlying: error, file: file, line: line)
    }
}
