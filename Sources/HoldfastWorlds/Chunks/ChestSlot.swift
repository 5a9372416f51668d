public import HoldfastStorage

/// What lies in one slot of a chest.
public struct ChestSlot: Hashable, Sendable {
    /// Nothing: `{"itemId":0,"count":0}`.
    public static let empty = ChestSlot(itemID: 0, count: 0)

    /// What kind of item it is; 0 = none.
    public var itemID: Int64
    /// How many of them, at least 0.
    public var count: Int64
    /// What the game keeps of this very stack; nil for nothing.
    public var metadata: JSONValue?
    /// What else the game writes into a slot, `maxStack` for example.
    public var fields = JSONObject()
    /// Whether it is written as `null`, as an import had it.
    private var isNull = false

    /// Names an item and its number; a chest refuses a number below zero.
    public init(itemID: Int64, count: Int64, metadata: JSONValue? = nil) {
        self.itemID = itemID
        self.count = count
        self.metadata = metadata
    }

    /// Whether nothing lies in it.
    public var isEmpty: Bool { itemID == 0 || count == 0 }

    init(json: JSONValue) throws(WorldError) {
        if case .null = json {
            self = .empty
            isNull = true
            return
        }
        guard var fields = json.object, let itemID = fields["itemId"]?.int64, let count = fields["count"]?.int64 else {
            throw WorldError(.badInput, "a slot is null or an object with the whole numbers itemId and count")
        }
        guard count >= 0 else { throw WorldError(.outOfRange, "a slot holds no fewer than 0 items") }
        self.init(itemID: itemID, count: count, metadata: fields["metadata"])
        for name in ["itemId", "count", "metadata"] { fields[name] = nil }
        self.fields = fields
    }

    var json: JSONValue {
        if isNull, isEmpty, metadata == nil, fields.isEmpty { return .null }
        var object = fields
        object["itemId"] = .integer(itemID)
        object["count"] = .integer(count)
        if let metadata { object["metadata"] = metadata }
        return .object(object)
    }
}
