public import HoldfastStorage

/// What a game server says of itself to those who look for a server.
///
/// It travels as JSON with every beat, at most 8 KiB in all: `{"players","capacity","map","mode","custom"}`, where what
/// is nil is left out. A server that says something else with its beat is listed as well; what it says is in
/// ``ServerListing/document``.
public struct ServerStatus: Sendable, Equatable {
    /// How many players are on it.
    public var players: Int?
    /// How many fit on it.
    public var capacity: Int?
    /// The map or level that it runs.
    public var map: String?
    /// The mode that is played.
    public var mode: String?
    /// Whatever else a search may ask for, usually an object.
    public var custom: JSONValue?

    /// Says what is known.
    public init(
        players: Int? = nil, capacity: Int? = nil, map: String? = nil, mode: String? = nil,
        custom: JSONValue? = nil
    ) {
        self.players = players
        self.capacity = capacity
        self.map = map
        self.mode = mode
        self.custom = custom
    }

    /// How many players more fit, at least 0; nil where the capacity is not known.
    public var room: Int? {
        // A foreign server may say anything.
        capacity.map { capacity in
            let (room, overflow) = capacity.subtractingReportingOverflow(players ?? 0)
            return overflow ? 0 : max(room, 0)
        }
    }

    /// Reads what a document says in the expected kinds; the rest is nil.
    public init(document: JSONValue) {
        self.init(
            players: document["players"]?.int64.flatMap { Int(exactly: $0) },
            capacity: document["capacity"]?.int64.flatMap { Int(exactly: $0) }, map: document["map"]?.string,
            mode: document["mode"]?.string, custom: document["custom"])
    }

    /// The JSON object that goes out with a beat.
    public var document: JSONValue {
        var object = JSONObject()
        object["players"] = players.map { .integer(Int64($0)) }
        object["capacity"] = capacity.map { .integer(Int64($0)) }
        object["map"] = map.map { .string($0) }
        object["mode"] = mode.map { .string($0) }
        object["custom"] = custom
        return .object(object)
    }
}
