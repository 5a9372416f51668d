public import HoldfastStorage

/// One player's world: what it is called, the seed of its terrain, and every chunk that differs from that.
///
/// A value, and the document of a `Session`: change it inside `edit`, all or nothing, and together with a profile
/// inside a transaction. The fields are stored as JSON, each changed chunk as a part of its own in the same commit.
public struct World: Sendable {
    /// The most chunks that differ from the generated terrain: 65,536, which is 4,096 × 4,096 blocks.
    public static let maximumChunks = 65_536

    /// Whose world it is.
    public let owner: String
    /// What the owner was called when she last opened it.
    public var ownerName: String
    /// What players call the world.
    public var name: String
    /// A line about it.
    public var description: String
    /// What the terrain follows from.
    public var seed: Int64
    /// When the world was made: milliseconds since 1970, UTC.
    public var createdAtMillis: Int64
    /// What else the game keeps about the world, an object as a rule.
    public var metadata: JSONValue
    var chunks = ChunkTable()

    /// Makes a world without any change to its terrain.
    ///
    /// Put in the place of a session's world it has that one's generator once the edit is done; to begin a world anew
    /// within an edit, ``resetAllChunks(seed:)`` is the shorter way.
    ///
    /// - Parameter seed: By default a random one.
    public init(
        owner: String, ownerName: String = "", name: String = "", description: String = "",
        seed: Int64 = .random(in: Int64.min...Int64.max), createdAtMillis: Int64 = WallClock.milliseconds(),
        metadata: JSONValue = .object(JSONObject())
    ) {
        self.owner = owner
        self.ownerName = ownerName
        self.name = name
        self.description = description
        self.seed = seed
        self.createdAtMillis = createdAtMillis
        self.metadata = metadata
        chunks.isLoaded = true
    }
}

extension World: Codable {
    private enum CodingKeys: String, CodingKey {
        case owner, ownerName, name, description, seed, createdAtMillis, metadata
    }
}
