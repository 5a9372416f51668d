/// How urgent a piece of enqueued work is.
public enum WorkPriority: Sendable {
    /// In turn.
    case normal
    /// Before everything that is none, on its own profile and among all.
    case emergency
}

/// What ``WorkQueue/discard(_:)`` drops.
public enum DiscardedWork: Sendable {
    /// Everything that has not begun.
    case all
    /// Everything that has not begun and is no emergency.
    case allButEmergencies
}
