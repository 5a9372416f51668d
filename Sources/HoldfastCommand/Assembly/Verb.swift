import ArgumentParser

/// One verb of the command.
///
/// ``EntryPoint`` parses it, resolves its settings and runs it under its deadline.
protocol Verb: AsyncParsableCommand, Sendable {
    var global: GlobalOptions { get }

    /// How long the verb may take: `timeout`, or more where it waits for something; nil for long work.
    func deadline(timeout: Duration) throws -> Duration?

    /// Whether the verb ends itself in order at SIGINT and SIGTERM; it is then run without a deadline, too.
    var handlesSignals: Bool { get }

    /// Whether a private store that is not there yet may be created by this verb, as the first to use it.
    ///
    /// False for verbs that only look: they leave nothing behind.
    var createsStore: Bool { get }

    /// Does the work. Results go to `invocation.output`; failures are thrown.
    func perform(_ invocation: Invocation) async throws
}

extension Verb {
    func deadline(timeout: Duration) throws -> Duration? { timeout }
    var handlesSignals: Bool { false }
    var createsStore: Bool { true }
}
