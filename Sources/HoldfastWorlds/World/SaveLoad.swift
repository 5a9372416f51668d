import HoldfastStorage

/// How much one save has to write of a world.
struct SaveLoad: Equatable {
    var chunks = 0
    var bytes = 0

    /// Whether a store takes that in one commit.
    var fits: Bool { chunks <= PartWrite.maximumCount && bytes <= PartWrite.maximumBytes }

    static func + (left: SaveLoad, right: SaveLoad) -> SaveLoad {
        SaveLoad(chunks: left.chunks + right.chunks, bytes: left.bytes + right.bytes)
    }

    static func - (left: SaveLoad, right: SaveLoad) -> SaveLoad {
        SaveLoad(chunks: left.chunks - right.chunks, bytes: left.bytes - right.bytes)
    }
}
