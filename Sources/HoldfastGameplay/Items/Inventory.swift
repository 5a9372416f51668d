/// A row of slots: a player's hotbar and main part, or a chest.
///
/// Slots are numbered from 0, the hotbar's first. Nothing here makes or loses an item: what goes in comes from the
/// caller's stack or another slot, what goes out is returned. A call that throws has changed nothing.
///
/// In JSON `{"hotbar":[…],"inventory":[…]}` with every slot in its place; a chest has no `hotbar`.
public struct Inventory: Hashable, Sendable {
    /// The most slots of an inventory.
    public static var maximumSlots: Int { 1_000 }

    /// All slots, the hotbar's first.
    public internal(set) var slots: [Slot]
    /// How many slots are the hotbar's.
    public private(set) var hotbarCount: Int

    /// Makes an empty inventory of 9 + 27 slots.
    public init() {
        slots = Array(repeating: .empty, count: 36)
        hotbarCount = 9
    }

    /// Makes an empty inventory; a chest has no hotbar.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` for fewer than 1 or more than ``maximumSlots`` slots in all.
    public init(hotbar: Int = 0, main: Int) throws(GameplayError) {
        try Self.check(hotbar: hotbar, main: main)
        slots = Array(repeating: .empty, count: hotbar + main)
        hotbarCount = hotbar
    }

    /// Takes slots as they were stored elsewhere: those of a chest in a world, for example.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` for fewer than 1 or more than ``maximumSlots`` slots in all.
    public init(hotbar: [Slot] = [], main: [Slot]) throws(GameplayError) {
        try Self.check(hotbar: hotbar.count, main: main.count)
        slots = hotbar + main
        hotbarCount = hotbar.count
    }

    /// The slots of the hotbar, numbered as in ``slots``.
    public var hotbar: ArraySlice<Slot> { slots[..<hotbarCount] }
    /// The slots behind the hotbar, numbered as in ``slots``.
    public var main: ArraySlice<Slot> { slots[hotbarCount...] }
    /// Whether nothing lies in it.
    public var isEmpty: Bool { slots.allSatisfy(\.isEmpty) }

    /// How many items of an id lie in it.
    ///
    /// - Parameter matches: Counts only stacks that it holds for.
    public func count(of id: ItemID, where matches: (ItemStack) -> Bool = { _ in true }) -> Int {
        slots.reduce(0) { sum, slot in
            guard let stack = slot.stack, stack.id == id, matches(stack) else { return sum }
            return sum + stack.count
        }
    }

    /// How many items of a stack's kind there is room for.
    public func room(for items: ItemStack) -> Int {
        slots.reduce(0) { $0 + $1.room(for: items) }
    }

    /// Changes the number of slots; both parts grow and shrink at their ends.
    ///
    /// - Throws: ``GameplayError``: `occupiedSlot` when something lies in a slot that would go, `badInput` as
    ///   ``init(hotbar:main:)``.
    public mutating func resize(hotbar: Int, main: Int) throws(GameplayError) {
        try Self.check(hotbar: hotbar, main: main)
        let (oldHotbar, oldMain) = (Array(self.hotbar), Array(self.main))
        guard oldHotbar.dropFirst(hotbar).allSatisfy(\.isEmpty), oldMain.dropFirst(main).allSatisfy(\.isEmpty) else {
            throw GameplayError(.occupiedSlot, "something lies in a slot that would go")
        }
        slots = Self.resized(oldHotbar, to: hotbar) + Self.resized(oldMain, to: main)
        hotbarCount = hotbar
    }

    private static func resized(_ slots: [Slot], to count: Int) -> [Slot] {
        slots.prefix(count) + Array(repeating: .empty, count: max(0, count - slots.count))
    }

    private static func check(hotbar: Int, main: Int) throws(GameplayError) {
        guard (0...maximumSlots).contains(hotbar), (0...maximumSlots).contains(main),
            (1...maximumSlots).contains(hotbar + main)
        else {
            throw GameplayError(.badInput, "an inventory has 1 to \(maximumSlots) slots, not \(hotbar) and \(main)")
        }
    }

    /// - Throws: ``GameplayError`` with code `slotOutOfRange`.
    func checked(_ slot: Int) throws(GameplayError) -> Slot {
        guard slots.indices.contains(slot) else {
            throw GameplayError(.slotOutOfRange, "there is no slot \(slot): they are 0 to \(slots.count - 1)")
        }
        return slots[slot]
    }

    /// What lies in a slot that items are to come from, and how many of them are meant.
    ///
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `emptySlot`, `negativeAmount`, `insufficient`.
    func source(_ slot: Int, _ count: Int?) throws(GameplayError) -> (stack: ItemStack, count: Int) {
        guard let stack = try checked(slot).stack else {
            throw GameplayError(.emptySlot, "nothing lies in slot \(slot)")
        }
        let count = count ?? stack.count
        try Checks.amount(count)
        guard count <= stack.count else {
            throw GameplayError(.insufficient, "slot \(slot) holds \(stack.count), not \(count)")
        }
        return (stack, count)
    }
}

extension Inventory: Codable {
    private enum CodingKeys: String, CodingKey {
        case hotbar, inventory
    }

    /// Reads both parts.
    ///
    /// - Throws: `DecodingError` for too many slots or a slot that cannot be.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let hotbar = try container.decodeIfPresent([Slot].self, forKey: .hotbar) ?? []
        let main = try container.decode([Slot].self, forKey: .inventory)
        do {
            self = try Inventory(hotbar: hotbar, main: main)
        } catch {
            throw DecodingError.dataCorruptedError(forKey: .inventory, in: container, debugDescription: "\(error)")
        }
    }

    /// Writes both parts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if hotbarCount > 0 { try container.encode(Array(hotbar), forKey: .hotbar) }
        try container.encode(Array(main), forKey: .inventory)
    }
}
