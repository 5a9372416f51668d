/// What an operator asks the owner of a session for.
public enum SessionOrder: String, Sendable, CaseIterable {
    /// Where the session stands.
    case show
    /// A save now.
    case save
    /// The last save and the release.
    case release
    /// A look whether the record was erased; the session ends then, without a save.
    case checkErasure
}
