public import HoldfastProfiles

/// What a player who joins finds: her own world, or that of whoever came first.
public struct WorldVisit: Sendable {
    /// Which world this server hosts.
    public let world: WorldID
    /// Its session, the same for every visitor.
    public let session: Session<World>
    /// Whether the player owns the world.
    public let isOwner: Bool
}
