/// How far a profile has come on this server.
public enum LoadState: Sendable {
    /// Nobody here has it open or opens it.
    case absent
    /// The first load is under way; in it the holder may be asked to hand over.
    case loading
    /// Redis or the store failed, and the load goes on until its deadline.
    case retrying(last: ProfileError, failures: Int)
    /// Loaded, with the joining hooks at work.
    case joining
    /// Open for edits.
    case ready
    /// Open on the template: its load failed, and nothing of it can be saved.
    case fallback
    /// The last save and the release are under way; an open waits for them.
    case releasing
}
