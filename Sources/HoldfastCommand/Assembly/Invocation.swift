import Logging

/// What every verb is given: its settings, where results go, and a logger.
struct Invocation: Sendable {
    var settings: Settings
    let output: Output
    let logger: Logger
    /// See ``Verb/createsStore``.
    var createsStore = true

    /// Writes the run into the audit log; nil for a verb that changes nothing.
    var audit: AuditRecorder?

    /// For connections of a verb whose failure is its one line on standard error: warnings would tell the same
    /// twice.
    ///
    /// With an explicit log level they are shown.
    var connectionLogger: Logger {
        var logger = logger
        if settings.shown[.logLevel]?.source == .byDefault { logger.logLevel = .error }
        return logger
    }
}
