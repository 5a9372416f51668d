/// What the director wants done.
///
/// Servers are named by id.
enum FleetAction: Sendable, Equatable {
    case spawn(server: String)
    case order(server: String, ServerOrder)
    /// SIGKILL.
    case kill(server: String)
    /// SIGSTOP.
    case freeze(server: String)
    /// SIGCONT.
    case thaw(server: String)
    /// SIGTERM.
    case terminate(server: String)
}
