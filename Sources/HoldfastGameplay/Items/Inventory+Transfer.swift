extension Inventory {
    /// Moves items of a slot into another inventory or chest, as far as there is room.
    ///
    /// - Parameters:
    ///   - count: Nil moves the whole stack.
    ///   - target: The slot there; nil puts them where ``add(_:)`` would.
    /// - Returns: How many were moved.
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `emptySlot`, `negativeAmount`, `insufficient`, `itemMismatch`,
    ///   `metadataMismatch`.
    @discardableResult
    public mutating func transfer(
        from slot: Int, count: Int? = nil, to other: inout Inventory, slot target: Int? = nil
    ) throws(GameplayError) -> Int {
        let (items, count) = try source(slot, count)
        let moved: Int
        if let target {
            let there = try other.checked(target)
            if let refusal = there.stack?.refusal(of: items) { throw refusal }
            moved = min(count, there.room(for: items))
            other.slots[target].put(moved, of: items)
        } else {
            moved = count - other.add(count, of: items)
        }
        slots[slot].take(moved)
        return moved
    }

    /// Moves items of an id into another inventory or chest, all or none: what a trade does.
    ///
    /// They come from the slots that ``remove(_:count:where:)`` would take them from, and keep their metadata.
    ///
    /// - Throws: ``GameplayError``: `insufficient`, `negativeAmount`; `full` when they do not all fit there.
    public mutating func transfer(
        _ id: ItemID, count: Int, to other: inout Inventory, where matches: (ItemStack) -> Bool = { _ in true }
    ) throws(GameplayError) {
        var (source, target) = (self, other)
        for stack in try source.remove(id, count: count, where: matches) where target.add(stack) != nil {
            throw GameplayError(.full, "there is no room for \(count) of \(id)")
        }
        self = source
        other = target
    }
}
