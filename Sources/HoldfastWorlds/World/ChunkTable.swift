import HoldfastStorage
import Synchronization

/// The chunks of a world that differ from its generated terrain.
///
/// What was loaded or saved is kept coded, so that a world takes the memory that it takes in the store; a chunk that
/// was changed is kept decoded until the next save. What one save could not take is refused when it is set.
struct ChunkTable: Sendable {
    private struct Edit {
        /// Nil: back to the generated state.
        var chunk: Chunk?
        /// Unique in this process, so that a save can tell whether a chunk was changed after it had been coded.
        let stamp: UInt64
        /// What it takes in a save at most.
        var size: ChunkSize

        var load: SaveLoad { chunk == nil ? SaveLoad() : SaveLoad(chunks: 1, bytes: size.bytes) }
    }

    /// Whether it holds what the store has: not so in a world that was decoded from its fields alone.
    var isLoaded = false
    var terrain: (any TerrainGenerator)?
    private var coded: [ChunkPosition: PartPayload] = [:]
    private var edits: [ChunkPosition: Edit] = [:]
    /// What `edits` bring to the next save at most.
    private var changed = SaveLoad()
    /// What the store lacks of `coded`, where the table comes from another session or an earlier save.
    private var foreign = SaveLoad()
    /// The stored state that `coded` belongs to: of tables with the same one, the session's own lacks nothing.
    private var origin = Self.newStamp()

    private static let stamps = Atomic<UInt64>(0)

    private static func newStamp() -> UInt64 { stamps.wrappingAdd(1, ordering: .relaxed).newValue }

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

    /// Replaces one chunk; a throw leaves everything as it was.
    mutating func set(_ chunk: Chunk?, at position: ChunkPosition) throws(WorldError) {
        try requireLoaded()
        let before = edits[position]
        var edit = Edit(chunk: chunk, stamp: Self.newStamp(), size: .none)
        if let chunk {
            edit.size = try ChunkSize(of: chunk, after: before.flatMap { old in old.chunk.map { ($0, old.size) } })
            try requirePlace(for: position)
            if !(foreign + changed - (before?.load ?? SaveLoad()) + edit.load).fits {
                try measureEdits()
                try edit.size.measure(chunk)
            }
        }
        let load = changed - (edits[position]?.load ?? SaveLoad()) + edit.load
        guard chunk == nil || (foreign + load).fits else { throw Self.overload(foreign + changed) }
        changed = load
        edits[position] = edit
    }

    /// Gives all chunks their generated state back.
    mutating func removeAll() throws(WorldError) {
        try requireLoaded()
        (coded, edits, changed, foreign) = ([:], [:], SaveLoad(), SaveLoad())
    }

    /// Takes the place of a session's table, whose store has parts with these checksums.
    ///
    /// Where it is not made from that table, what the next save has to write is counted.
    mutating func follow(_ before: ChunkTable, stored: [PartName: UInt64]) throws(WorldError) {
        guard origin != before.origin else { return }
        try requireLoaded()
        foreign = lack(of: stored)
        if !(foreign + changed).fits { try measureEdits() }
        guard (foreign + changed).fits else { throw Self.overload(foreign + changed) }
    }

    // MARK: - Parts

    /// What a store lacks that has parts with these checksums.
    func changes(
        since stored: [PartName: UInt64], seed: Int64, terrain: (any TerrainGenerator)?
    ) throws(WorldError) -> [PartWrite] {
        try requireLoaded()
        var writes: [PartWrite] = []
        var wanted = Set<PartName>(minimumCapacity: coded.count + edits.count)
        for (position, edit) in edits {
            guard let chunk = edit.chunk, !Self.isGenerated(chunk, at: position, seed, terrain) else { continue }
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
            // Only where the edit still stands that it was made of: another world may be here by now.
            guard let position = ChunkPosition(write.name), let edit = written.edits[position],
                edits[position]?.stamp == edit.stamp
            else { continue }
            coded[position] = write.payload
        }
        for (position, edit) in written.edits where edits[position]?.stamp == edit.stamp {
            let checksum = stored[position.partName]
            if checksum == nil {
                coded[position] = nil
            } else if checksum != coded[position]?.checksum, let chunk = edit.chunk {
                // It made no write, because the store had its very bytes, which are not at hand here.
                coded[position] = try? ChunkCodec.encode(chunk)
            }
            guard checksum == coded[position]?.checksum, let done = edits.removeValue(forKey: position) else {
                continue
            }
            changed = changed - done.load
        }
        foreign = origin == written.origin ? SaveLoad() : lack(of: stored)
        origin = Self.newStamp()
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

    /// Without a generator nothing counts as generated: what is set is kept.
    private static func isGenerated(
        _ chunk: Chunk, at position: ChunkPosition, _ seed: Int64, _ terrain: (any TerrainGenerator)?
    ) -> Bool {
        guard let terrain else { return false }
        return chunk.isSame(as: terrain.chunk(at: position, seed: seed) ?? .empty)
    }

    // MARK: - Bounds

    private func requireLoaded() throws(WorldError) {
        guard isLoaded else { throw WorldError(.notLoaded, "the world was read without its chunks") }
    }

    /// The sum counts some chunks twice, but costs nothing.
    private func requirePlace(for position: ChunkPosition) throws(WorldError) {
        guard coded.count + changed.chunks >= World.maximumChunks, !contains(position),
            positions.count >= World.maximumChunks
        else { return }
        throw WorldError(.tooLarge, "a world has at most \(World.maximumChunks) chunks of its own")
    }

    private mutating func measureEdits() throws(WorldError) {
        for (position, edit) in edits {
            guard let chunk = edit.chunk, !edit.size.isMeasured else { continue }
            var measured = edit
            try measured.size.measure(chunk)
            changed = changed - edit.load + measured.load
            edits[position] = measured
        }
    }

    private func lack(of stored: [PartName: UInt64]) -> SaveLoad {
        var load = SaveLoad()
        for (position, payload) in coded where stored[position.partName] != payload.checksum {
            load = load + SaveLoad(chunks: 1, bytes: payload.bytes.count)
        }
        return load
    }

    private static func overload(_ load: SaveLoad) -> WorldError {
        WorldError(
            .tooManyChanges,
            "one save takes at most \(PartWrite.maximumCount) changed chunks of \(PartWrite.maximumBytes) bytes in "
                + "all; \(load.chunks) of up to \(load.bytes) bytes wait for one")
    }
}
