/// The places where a collection runs a game's own code.
public enum SessionHook: String, Sendable {
    /// After the load and before the first opener gets the session.
    case joining
    /// Before the last save; edits are still taken.
    case leaving
    /// Right before a save, to push the game's state into the document.
    case beforeSave
    /// After the store has acknowledged a save.
    case afterSave
    /// After the session is over, however it ended.
    case ended
}
