/// What a player has put into the dungeon.
struct DungeonData: Codable, Sendable, Equatable {
    struct MobSpawnerSlot: Codable, Sendable, Equatable {
        var mob: String
        var level: Int
        /// Milliseconds since 1970.
        var placedAt: Int64
    }

    var mobSpawnerSlots: [MobSpawnerSlot] = []
}
