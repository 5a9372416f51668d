/// What a publisher keeps for clients that are late.
public struct PublisherLimits: Sendable, Hashable {
    /// The most messages: 256.
    ///
    /// Whoever is further behind gets a snapshot.
    public var backlogMessages = 256
    /// The most bytes of messages: 1 MiB.
    public var backlogBytes = 1 << 20

    /// The defaults.
    public init() {}
}
