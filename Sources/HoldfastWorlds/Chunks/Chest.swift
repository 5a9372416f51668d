public import HoldfastStorage

/// A chest: slots with items at a position of the world.
///
/// It is kept as the JSON object that exports show, `{"x","y","z","slots":[{"itemId","count"},…]}`, so that whatever
/// else a game writes into a chest or a slot stays as it is. An empty slot is `{"itemId":0,"count":0}` or `null`.
public struct Chest: Hashable, Sendable {
    /// The most slots: 1,024.
    public static let maximumSlots = 1_024

    /// Where the chest stands.
    public let position: BlockPosition
    /// Its slots from the first to the last.
    public private(set) var slots: [ChestSlot]
    /// What the game keeps beside position and slots.
    public var fields: JSONObject

    /// Makes a chest of empty slots.
    ///
    /// - Throws: ``WorldError`` with code `outOfRange` for more than ``maximumSlots``, or fewer than none.
    public init(at position: BlockPosition, slots: Int) throws(WorldError) {
        try Self.check(slots)
        self.init(position, [ChestSlot](repeating: .empty, count: slots), JSONObject())
    }

    /// Reads the form that exports show.
    ///
    /// - Throws: ``WorldError``: `badInput` for another form, `outOfRange` for a coordinate beyond 32 bits, a count
    ///   below zero or too many slots.
    public init(json: JSONValue) throws(WorldError) {
        guard var fields = json.object, let slots = fields["slots"]?.array else {
            throw WorldError(.badInput, "a chest is an object with x, y, z and an array of slots")
        }
        try Self.check(slots.count)
        func coordinate(_ name: String) throws(WorldError) -> Int32 {
            guard let value = fields[name]?.int64.flatMap({ Int32(exactly: $0) }) else {
                throw WorldError(.outOfRange, "a chest's \(name) is a whole number of 32 bits")
            }
            return value
        }
        let position = try BlockPosition(x: coordinate("x"), y: coordinate("y"), z: coordinate("z"))
        for name in ["x", "y", "z", "slots"] { fields[name] = nil }
        var read: [ChestSlot] = []
        for slot in slots { read.append(try ChestSlot(json: slot)) }
        self.init(position, read, fields)
    }

    private init(_ position: BlockPosition, _ slots: [ChestSlot], _ fields: JSONObject) {
        self.position = position
        self.slots = slots
        self.fields = fields
    }

    /// One slot, counted from 0.
    ///
    /// - Throws: ``WorldError`` with code `outOfRange` for a slot that the chest does not have.
    public func slot(_ number: Int) throws(WorldError) -> ChestSlot {
        try check(slot: number)
        return slots[number]
    }

    /// Replaces what lies in one slot, counted from 0.
    ///
    /// - Throws: ``WorldError`` with code `outOfRange` for a slot that the chest does not have, or a count below zero.
    public mutating func setSlot(_ number: Int, to slot: ChestSlot) throws(WorldError) {
        try check(slot: number)
        guard slot.count >= 0 else { throw WorldError(.outOfRange, "a slot holds no fewer than 0 items") }
        slots[number] = slot
    }

    /// The form that exports show.
    public var json: JSONValue {
        var object = fields
        object["x"] = .integer(Int64(position.x))
        object["y"] = .integer(Int64(position.y))
        object["z"] = .integer(Int64(position.z))
        object["slots"] = .array(slots.map(\.json))
        return .object(object)
    }

    private static func check(_ count: Int) throws(WorldError) {
        guard (0...maximumSlots).contains(count) else {
            throw WorldError(.outOfRange, "a chest has 0 to \(maximumSlots) slots, not \(count)")
        }
    }

    private func check(slot: Int) throws(WorldError) {
        guard slots.indices.contains(slot) else {
            throw WorldError(.outOfRange, "slot \(slot) is none of the chest's \(slots.count) slots")
        }
    }
}
