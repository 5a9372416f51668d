/// What an open gives the game when neither Redis nor the store can be reached.
public enum FallbackPolicy: Sendable {
    /// The error.
    case never
    /// A session on the template that is marked and can never be saved, so that play can go on.
    ///
    /// Its ``Session/isFallback`` is true and ``Session/loadFailure`` says why. Edits stay in memory and vanish with
    /// it; a save, a deletion and a transaction throw `fallback`. It holds no lease and gets no operations. Opens share
    /// it until its last handle is closed; the next open loads anew. Other failures, a profile that is held or damaged
    /// for example, are thrown as ever.
    case unsaved
}
