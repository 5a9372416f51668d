extension Chest {
    /// How many items of one kind a slot takes, unless a caller says otherwise: 64.
    public static let stackLimit: Int64 = 64

    /// Takes items out of one slot, counted from 0; whoever calls owns them from then on.
    ///
    /// - Returns: So many items with the metadata and the fields of their stack; a slot that gave all is empty.
    /// - Throws: ``WorldError``, and the chest is as it was: `outOfRange` for a slot that the chest does not have,
    ///   `badInput` for fewer than 1 item, `missing` when the slot has not so many.
    public mutating func take(_ count: Int64, from number: Int) throws(WorldError) -> ChestSlot {
        var stack = try slot(number)
        guard count > 0 else { throw WorldError(.badInput, "1 item or more are taken, not \(count)") }
        guard !stack.isEmpty, stack.count >= count else {
            throw WorldError(.missing, "slot \(number) has not \(count) items")
        }
        var taken = stack
        taken.count = count
        stack.count -= count
        try setSlot(number, to: stack.count == 0 ? .empty : stack)
        return taken
    }

    /// Puts items into one slot, counted from 0, or wherever they fit: onto alike ones first, then into empty slots.
    ///
    /// Items are alike when id, metadata and fields are the same. A slot in which a game keeps something without any
    /// item is not empty.
    ///
    /// - Returns: What did not fit and is still the caller's; ``ChestSlot/isEmpty`` when all did.
    /// - Throws: ``WorldError``, and the chest is as it was: `outOfRange` for a slot that the chest does not have,
    ///   `badInput` for a count below zero or a limit below 1.
    public mutating func put(
        _ items: ChestSlot, into number: Int? = nil, stackLimit: Int64 = Chest.stackLimit
    ) throws(WorldError) -> ChestSlot {
        guard items.count >= 0, stackLimit > 0 else {
            throw WorldError(.badInput, "a stack has 0 items or more, and a slot takes 1 or more")
        }
        if let number { _ = try slot(number) }
        var rest = items
        let places = number.map { [$0] } ?? Array(slots.indices)
        for isFree in [false, true] {
            for place in places where !rest.isEmpty {
                let found = slots[place]
                guard isFree ? found.isBlank : !found.isEmpty && found.isAlike(rest) else { continue }
                let moved = min(rest.count, max(0, stackLimit - (isFree ? 0 : found.count)))
                guard moved > 0 else { continue }
                var stack = isFree ? rest : found
                stack.count = moved + (isFree ? 0 : found.count)
                try setSlot(place, to: stack)
                rest.count -= moved
            }
        }
        return rest
    }
}

extension ChestSlot {
    /// Whether two stacks differ in their number at most.
    public func isAlike(_ other: ChestSlot) -> Bool {
        itemID == other.itemID && metadata == other.metadata && fields == other.fields
    }

    /// Whether nothing at all is kept in it.
    var isBlank: Bool { isEmpty && metadata == nil && fields.isEmpty }
}
