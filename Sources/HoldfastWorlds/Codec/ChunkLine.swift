import HoldfastStorage

/// One chunk as a line of JSON, the form that imports take and exports give.
///
/// `{"key":"x,z","x","z","blocks":[[id,run],…],"heightMap":[…],"chests":[…]}`: runs in y-z-x order, 256 heights in z-x
/// order or none, and each chest as ``Chest/json``.
public struct ChunkLine: Sendable, Equatable {
    /// Where the chunk stands.
    public let position: ChunkPosition
    /// What it holds.
    public let chunk: Chunk

    /// Joins a chunk with its position.
    public init(position: ChunkPosition, chunk: Chunk) {
        self.position = position
        self.chunk = chunk
    }

    /// Reads one line.
    ///
    /// - Throws: ``WorldError``: `badInput` for another form, a field that is not known or two chests at one position;
    ///   `outOfRange` for a coordinate, block id or height outside its range; `badRuns`, `wrongSize`.
    public init(_ line: [UInt8]) throws(WorldError) {
        let json: JSONValue
        do {
            json = try CanonicalJSON.parse(line)
        } catch {
            throw WorldError(.badInput, error.description)
        }
        guard let object = json.object else { throw WorldError(.badInput, "a line is one JSON object") }
        for key in object.keys where !["key", "x", "z", "blocks", "heightMap", "chests"].contains(key) {
            throw WorldError(.badInput, "a chunk has no field \(key.debugDescription)")
        }
        position = ChunkPosition(x: try Self.coordinate("x", of: object), z: try Self.coordinate("z", of: object))
        if let key = object["key"], key.string != position.description {
            throw WorldError(.badInput, "the key of chunk \(position) names another one")
        }
        var chunk = try Chunk(runs: try Self.runs(object["blocks"]), heightMap: try Self.heights(object["heightMap"]))
        for json in try Self.array(object["chests"], named: "chests") {
            let chest = try Chest(json: json)
            guard chunk.chests[chest.position] == nil else {
                throw WorldError(.badInput, "two chests stand at \(chest.position)")
            }
            chunk.setChest(chest)
        }
        self.chunk = chunk
    }

    /// The line without its end, fields in the order in which they are named above.
    ///
    /// - Throws: ``WorldError`` with code `badInput` for chests that JSON has no form for, `tooLarge` for over 4 MiB
    ///   of them.
    public func write() throws(WorldError) -> [UInt8] {
        var text = #"{"key":"\#(position)","x":\#(position.x),"z":\#(position.z),"blocks":["#
        text += chunk.runs.map { "[\($0.block),\($0.length)]" }.joined(separator: ",")
        text += "]"
        if let heights = chunk.heightMap {
            text += #","heightMap":["# + heights.map(String.init).joined(separator: ",") + "]"
        }
        let chests = chunk.chests.values.sorted { $0.position < $1.position }.map(\.json)
        do {
            return Array((text + #","chests":"#).utf8) + (try CanonicalJSON.write(.array(chests))) + Array("}".utf8)
        } catch {
            throw WorldError(error.code == .tooLarge ? .tooLarge : .badInput, "chests: \(error)")
        }
    }

    private static func coordinate(_ name: String, of object: JSONObject) throws(WorldError) -> Int32 {
        guard let number = object[name]?.int64, let coordinate = Int32(exactly: number) else {
            throw WorldError(.outOfRange, "a chunk's \(name) is a whole number of 32 bits")
        }
        return coordinate
    }

    private static func runs(_ json: JSONValue?) throws(WorldError) -> [BlockRun] {
        guard json != nil else { throw WorldError(.badInput, "a chunk has blocks") }
        var runs: [BlockRun] = []
        for pair in try array(json, named: "blocks") {
            guard let pair = pair.array, pair.count == 2, let block = pair[0].int64, let length = pair[1].int64 else {
                throw WorldError(.badInput, "blocks are pairs of a block id and a run length")
            }
            guard let block = UInt16(exactly: block) else {
                throw WorldError(.outOfRange, "a block id is a whole number from 0 to 65,535")
            }
            guard let length = Int32(exactly: length) else { throw WorldError(.badRuns, "a run is too long") }
            runs.append(BlockRun(block: block, length: Int(length)))
        }
        return runs
    }

    private static func heights(_ json: JSONValue?) throws(WorldError) -> [UInt16]? {
        if json == nil || json == .null { return nil }
        var heights: [UInt16] = []
        for json in try array(json, named: "heightMap") {
            guard let number = json.int64, let height = UInt16(exactly: number) else {
                throw WorldError(.outOfRange, "a height is a whole number from 0 to 65,535")
            }
            heights.append(height)
        }
        return heights
    }

    private static func array(_ json: JSONValue?, named name: String) throws(WorldError) -> [JSONValue] {
        guard let json, json != .null else { return [] }
        guard let array = json.array else { throw WorldError(.badInput, "\(name) is an array") }
        return array
    }
}
