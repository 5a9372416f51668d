/// The timings that every server of a deployment must share, in milliseconds.
public struct DeploymentTimings: Sendable, Equatable {
    /// How long a lease lives after its last renewal; 30,000 by default.
    public var leaseMillis: Int64
    /// How often a server renews its leases; 10,000 by default.
    public var renewMillis: Int64
    /// How often a server beats; 1,000 by default.
    public var beatMillis: Int64

    /// Joins the three times, in milliseconds; a coordinator checks how they relate.
    public init(leaseMillis: Int64 = 30_000, renewMillis: Int64 = 10_000, beatMillis: Int64 = 1_000) {
        self.leaseMillis = leaseMillis
        self.renewMillis = renewMillis
        self.beatMillis = beatMillis
    }
}

/// One deployment as the store knows it.
public struct Deployment: Sendable, Equatable {
    /// The operator's name for it; several deployments may share one store.
    public var name: String
    /// Drawn once by ``DurableStore/migrate(_:)``; Redis must carry the same.
    public var id: RandomID
    /// What the last ``DurableStore/migrate(_:)`` stored.
    public var timings: DeploymentTimings
    /// The layout's version and the oldest build that may read it.
    public var schema: Int
    /// The oldest layout version that a build must know to use this store.
    public var minimumReader: Int
    /// 0 until the store is restored for the first time; raised by ``DurableStore/bumpGeneration()`` and by the first
    /// step of ``DurableStore/settleRestore(from:)``.
    public var generation: Int64

    /// Joins the values as a store read them; checks nothing.
    public init(
        name: String, id: RandomID, timings: DeploymentTimings, schema: Int, minimumReader: Int, generation: Int64 = 0
    ) {
        self.name = name
        self.id = id
        self.timings = timings
        self.schema = schema
        self.minimumReader = minimumReader
        self.generation = generation
    }

    /// The generation after `generation` at that time, in milliseconds since 1970.
    ///
    /// At least the time of day: a restore may bring an older number back, and counting on from that one would meet
    /// numbers that sessions had learned before.
    package static func generation(after generation: Int64, now: Int64) -> Int64 {
        max(generation + 1, now)
    }
}

/// What a store says of itself.
public struct StoreStatus: Sendable, Equatable {
    /// `sqlite`, `postgres` or `memory`.
    public var kind: String
    /// The version of the database software, in its own words.
    public var version: String
    /// The version of the layout, counted by migrations from 1.
    public var schema: Int

    /// Joins the three values; checks nothing.
    public init(kind: String, version: String, schema: Int) {
        self.kind = kind
        self.version = version
        self.schema = schema
    }
}
