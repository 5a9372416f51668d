import HoldfastStorage
import Synchronization

/// The chunks of a world that differ from its generated terrain.
///
/// What was loaded or saved is kept coded, so that a world takes the memory that it takes in the store; a chunk that was
/// changed is kept decoded until the next save.
struct ChunkTable: Sendable {
    private struct Edit {
        /// Nil: back to the generated state.
        var chunk: Chunk?
        /// Unique in this process, so that a save can tell whether a chunk was changed after it had been coded.
        let stamp: UInt64
    }

    /// Whether it holds what the store has: not so in a world that was decoded from its fields alone.
    var isLoaded = false
    var terrain: (any TerrainGenerator)?
    private var coded: [ChunkPosition: PartPayload] = [:]
    private var edits: [ChunkPosition: Edit] = [:]

    private static let stamps = Atomic<UInt64>(0)

    var positions: Set<ChunkPosition> {
        var positions = Set(coded.keys)
        for (position, edit) in edits {
            if edit.chunk == nil { positions.remove(position) } else { positions.insert(position) }
        }
        return positions
    }

    func contains(_ position: ChunkPosition) -> Bool {
        if let edit = edits[position] { edit.chunk != nil } else { coded[position] != nil }
    }

    /// The chunk as it was changed or stored; nil when it is as generated.
    func chunk(at position: ChunkPosition) throws(WorldError) -> Chunk? {
        try requireLoaded()
        if let edit = edits[position] { return edit.chunk }
        guard let payload = coded[position] else { return nil }
        do {
            return try ChunkCodec.decode(payload)
        } catch {
            throw WorldError(error.code, "chunk \(position): \(error.message)")
        }
    }

    mutating func set(_ chunk: Chunk?, at position: ChunkPosition) throws(WorldError) {
        try requireLoaded()
        guard edits.count < PartWrite.maximumCount || edits[position] != nil else {
            throw WorldError(
                .tooManyChanges, "\(edits.count) chunks were changed since the last save, the most that one takes")
        }
        edits[position] = Edit(chunk: chunk, stamp: Self.stamps.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    // MARK: - Parts

    /// What a store lacks that has parts with these checksums.
    func changes(since stored: [PartName: UInt64], seed: Int64) throws(WorldError) -> [PartWrite] {
        try requireLoaded()
        var writes: [PartWrite] = []
        var wanted = Set<PartName>(minimumCapacity: coded.count + edits.count)
        for (position, edit) in edits {
            guard let chunk = edit.chunk, !isGenerated(chunk, at: position, seed: seed) else { continue }
            let name = position.partName
            let payload = try ChunkCodec.encode(chunk)
            wanted.insert(name)
            if stored[name] != payload.checksum { writes.append(PartWrite(name: name, payload: payload)) }
        }
        for (position, payload) in coded where edits[position] == nil {
            let name = position.partName
            wanted.insert(name)
            if stored[name] != payload.checksum { writes.append(PartWrite(name: name, payload: payload)) }
        }
        for name in stored.keys where !wanted.contains(name) { writes.append(PartWrite(name: name, payload: nil)) }
        return writes.sorted { $0.name < $1.name }
    }

    /// Takes note that a store has these writes, made of `written`, and therefore parts with these checksums.
    mutating func stored(_ writes: [PartWrite], of written: ChunkTable, stored: [PartName: UInt64]) {
        for write in writes {
            guard let position = ChunkPosition(write.name) else { continue }
            coded[position] = write.payload
        }
        for (position, edit) in written.edits where edits[position]?.stamp == edit.stamp {
            let checksum = stored[position.partName]
            if checksum == nil { coded[position] = nil }
            // An edit that made no write because the store had its very bytes stays, unless they are at hand here.
            if checksum == coded[position]?.checksum { edits[position] = nil }
        }
    }

    /// Puts stored parts in.
    mutating func take(_ parts: [Part]) throws(WorldError) {
        isLoaded = true
        for part in parts {
            guard let position = ChunkPosition(part.name) else {
                throw WorldError(.newerFormat, "part \(part.name) of a world is no chunk")
            }
            coded[position] = part.payload
        }
    }

    private func requireLoaded() throws(WorldError) {
        guard isLoaded else { throw WorldError(.notLoaded, "the world was read without its chunks") }
    }

    /// Without a generator nothing counts as generated: what is set is kept.
    private func isGenerated(_ chunk: Chunk, at position: ChunkPosition, seed: Int64) -> Bool {
        guard let terrain else { return false }
        return chunk.isSame(as: terrain.chunk(at: position, seed: seed) ?? .empty)
    }
}
