public import HoldfastStorage

/// A profile that a shutdown did not save and release before ``CoordinatorConfiguration/drainTimeout``.
public struct MissedDrain: Sendable {
    /// The profile.
    public let record: RecordID
    /// How long its oldest change had been waiting for the store; zero when all was saved and only the release is open.
    public let unsavedAge: Duration
    /// What its last save met; nil when it was not answered at all.
    public let error: ProfileError?
}
