public import HoldfastStorage

/// Names one world: whose it is, and which of hers.
public struct WorldID: Hashable, Sendable, Comparable {
    /// The name of a player's world that needs no other: `main`.
    public static let mainName = "main"

    /// The player it belongs to, by the id that the game knows her by; 1 to 190 bytes.
    public let owner: String
    /// Which of the owner's worlds: 1 to 64 of the characters `A–Z a–z 0–9 _ . -`.
    public let name: String
    /// The key of its record: `owner:name`.
    public let key: Key

    /// Names a world.
    ///
    /// - Throws: ``WorldError`` with code `badInput` for an owner or a name outside their limits.
    public init(owner: String, name: String = WorldID.mainName) throws(WorldError) {
        // The rules of a collection's name are those of a world's.
        guard (1...190).contains(owner.utf8.count), !owner.utf8.contains(0), (try? CollectionName(name)) != nil,
            let key = try? Key("\(owner):\(name)")
        else {
            throw WorldError(
                .badInput, "a world has an owner of 1 to 190 bytes and a name of 1 to 64 of A-Z a-z 0-9 _ . -")
        }
        self.owner = owner
        self.name = name
        self.key = key
    }

    /// Reads a record's key; nil for one that names no world.
    ///
    /// An owner may hold a colon, a name never does.
    package init?(_ key: Key) {
        guard let colon = key.bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        try? self.init(
            owner: String(decoding: key.bytes[..<colon], as: UTF8.self),
            name: String(decoding: key.bytes[(colon + 1)...], as: UTF8.self))
    }

    /// Whether a player owns the world; ids are compared as bytes.
    public func isOwned(by player: String) -> Bool { owner.utf8.elementsEqual(player.utf8) }

    /// Orders by the record's key.
    public static func < (left: WorldID, right: WorldID) -> Bool { left.key < right.key }
}

extension WorldID: CustomStringConvertible {
    /// `owner:name`.
    public var description: String { key.description }
}
