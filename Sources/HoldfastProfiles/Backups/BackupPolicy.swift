public import HoldfastStorage

/// How often profiles are copied, and how many copies of each are kept.
///
/// One server of the fleet goes through all collections each time, a page at a time, and copies what was saved since
/// the last time: document, people, metadata and parts, such as the chunks of worlds. Where an older copy gives its
/// place, only parts that differ are written; in space each copy takes as much as its profile. A second store keeps
/// copies where the first one is lost.
public struct BackupPolicy: Sendable {
    /// The most copies of one profile.
    public static let maximumKept = 100

    /// From the beginning of a round to the beginning of the next; at least 10 ms.
    public var every: Duration
    /// How many copies of a profile stay, the newest ones; 1 to ``maximumKept``.
    public var keep: Int
    /// Where copies go, migrated by its owner; nil for the coordinator's own store.
    public var store: (any DurableStore)?

    /// Joins the parts; by default five daily copies in the coordinator's own store.
    public init(every: Duration = .seconds(86_400), keep: Int = 5, in store: (any DurableStore)? = nil) {
        self.every = every
        self.keep = keep
        self.store = store
    }

    func validate() throws(ProfileError) {
        guard every >= FleetDuty.shortestInterval, (1...Self.maximumKept).contains(keep) else {
            throw ProfileError(
                .badInput,
                "backups are at least \(FleetDuty.shortestInterval) apart, and 1 to \(Self.maximumKept) are kept")
        }
    }
}
