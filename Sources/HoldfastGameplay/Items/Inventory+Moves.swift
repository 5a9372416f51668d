public import HoldfastStorage

extension Inventory {
    /// Moves items to an empty slot or onto items of their kind, as far as there is room.
    ///
    /// - Parameter count: Nil moves the whole stack.
    /// - Returns: How many were moved; 0 where both slots are one.
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `emptySlot`, `negativeAmount`, `insufficient`, `itemMismatch`,
    ///   `metadataMismatch`.
    @discardableResult
    public mutating func move(from source: Int, to target: Int, count: Int? = nil) throws(GameplayError) -> Int {
        let (items, wanted) = try self.source(source, count)
        let there = try checked(target)
        guard source != target else { return 0 }
        if let refusal = there.stack?.refusal(of: items) { throw refusal }
        let moved = min(wanted, there.room(for: items))
        slots[target].put(moved, of: items)
        slots[source].take(moved)
        return moved
    }

    /// Moves a part of a stack into an empty slot; at least one item stays.
    ///
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `emptySlot`, `occupiedSlot`, `negativeAmount`, `insufficient`,
    ///   `badInput` for no items.
    public mutating func split(_ slot: Int, count: Int, into target: Int) throws(GameplayError) {
        let (items, count) = try source(slot, count)
        guard try checked(target).isEmpty else { throw GameplayError(.occupiedSlot, "slot \(target) is not empty") }
        guard count > 0 else { throw GameplayError(.badInput, "a split takes at least one item") }
        guard count < items.count else {
            throw GameplayError(.insufficient, "a split of \(items.count) takes at most \(items.count - 1)")
        }
        slots[target].put(count, of: items)
        slots[slot].take(count)
    }

    /// Moves what fits of one stack onto another one of its kind.
    ///
    /// - Returns: How many were moved.
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `emptySlot`, `itemMismatch`, `metadataMismatch`.
    @discardableResult
    public mutating func merge(_ slot: Int, into target: Int) throws(GameplayError) -> Int {
        guard try !checked(target).isEmpty else { throw GameplayError(.emptySlot, "nothing lies in slot \(target)") }
        return try move(from: slot, to: target)
    }

    /// Exchanges what two slots hold, be it something or nothing.
    ///
    /// - Throws: ``GameplayError`` with code `slotOutOfRange`.
    public mutating func swap(_ first: Int, _ second: Int) throws(GameplayError) {
        _ = try checked(first)
        _ = try checked(second)
        slots.swapAt(first, second)
    }

    /// Adds items: first onto stacks of their kind, then into empty slots, each in the order of the slots.
    ///
    /// - Parameters:
    ///   - count: Any number; it is spread over as many stacks as it needs.
    ///   - limit: That of the stacks that are begun; stacks that lie here already keep theirs.
    /// - Returns: How many did not fit.
    /// - Throws: ``GameplayError`` as ``ItemStack/init(_:count:limit:metadata:)``, `negativeAmount` among it.
    public mutating func add(
        _ id: ItemID, count: Int, limit: Int = ItemStack.defaultLimit, metadata: JSONValue? = nil
    ) throws(GameplayError) -> Int {
        try Checks.amount(count)
        return add(count, of: try ItemStack(id, count: 1, limit: limit, metadata: metadata))
    }

    /// Adds a stack: first onto stacks of its kind, then into an empty slot.
    ///
    /// - Returns: What did not fit; nil when all did.
    public mutating func add(_ stack: ItemStack) -> ItemStack? {
        let rest = add(stack.count, of: stack)
        return rest == 0 ? nil : stack.with(count: rest)
    }

    mutating func add(_ count: Int, of items: ItemStack) -> Int {
        var rest = count
        for takesEmpty in [false, true] {
            for index in slots.indices where rest > 0 && slots[index].isEmpty == takesEmpty {
                let fits = min(rest, slots[index].room(for: items))
                slots[index].put(fits, of: items)
                rest -= fits
            }
        }
        return rest
    }

    /// Puts a stack into a slot that is empty or holds its kind.
    ///
    /// - Returns: What did not fit; nil when all did.
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `itemMismatch`, `metadataMismatch`.
    public mutating func put(_ stack: ItemStack, into slot: Int) throws(GameplayError) -> ItemStack? {
        let there = try checked(slot)
        if let refusal = there.stack?.refusal(of: stack) { throw refusal }
        let fits = min(stack.count, there.room(for: stack))
        slots[slot].put(fits, of: stack)
        return fits == stack.count ? nil : stack.with(count: stack.count - fits)
    }

    /// Takes items out of a slot.
    ///
    /// - Parameter count: Nil takes the whole stack.
    /// - Throws: ``GameplayError``: `slotOutOfRange`, `emptySlot`, `negativeAmount`, `insufficient`, `badInput` for
    ///   none.
    public mutating func take(_ count: Int? = nil, from slot: Int) throws(GameplayError) -> ItemStack {
        let (items, count) = try source(slot, count)
        guard count > 0 else { throw GameplayError(.badInput, "at least one item is taken") }
        slots[slot].take(count)
        return items.with(count: count)
    }

    /// Removes items of an id, all or none: from the last slot to the first, so that the hotbar is emptied last.
    ///
    /// - Parameter matches: Takes only from stacks that it holds for.
    /// - Returns: What was removed, with its metadata: one stack for each slot that it came from.
    /// - Throws: ``GameplayError``: `insufficient`, `negativeAmount`.
    @discardableResult
    public mutating func remove(
        _ id: ItemID, count: Int, where matches: (ItemStack) -> Bool = { _ in true }
    ) throws(GameplayError) -> [ItemStack] {
        try Checks.amount(count)
        let there = self.count(of: id, where: matches)
        guard there >= count else { throw GameplayError(.insufficient, "\(there) of \(id) are there, not \(count)") }
        var removed: [ItemStack] = []
        var rest = count
        for index in slots.indices.reversed() where rest > 0 {
            guard let stack = slots[index].stack, stack.id == id, matches(stack) else { continue }
            let taken = min(rest, stack.count)
            slots[index].take(taken)
            removed.append(stack.with(count: taken))
            rest -= taken
        }
        return removed
    }
}
