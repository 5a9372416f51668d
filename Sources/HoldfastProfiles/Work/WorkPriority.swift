/// How urgent a piece of enqueued work is.
public enum WorkPriority: Sendable {
    /// In turn.
    case normal
    /// Before the work of all profiles that have no emergency.
    ///
    /// Each profile's own order holds: what was enqueued for it before goes first, with the same haste.
    case emergency
}

/// What ``WorkQueue/discard(_:)`` drops.
public enum DiscardedWork: Sendable {
    /// Everything that has not begun.
    case all
    /// Everything that has not begun and is no emergency.
    case allButEmergencies
}
