import Holdfast
import HoldfastGameplay

/// A chest of a world and an inventory hold the same slots.
extension Chest {
    /// What lies in the chest.
    var inventory: Inventory {
        get throws {
            try Inventory(
                main: slots.map { slot in
                    slot.isEmpty ? .empty : .holding(try ItemStack(slot))
                })
        }
    }

    /// Puts into the chest what an inventory of as many slots holds; named items have no number and stay outside.
    mutating func keep(_ inventory: Inventory) throws {
        for (number, slot) in inventory.slots.enumerated() {
            guard let stack = slot.stack else {
                try setSlot(number, to: .empty)
                continue
            }
            guard case .number(let item) = stack.id else {
                throw GameplayError(.badInput, "a chest holds items that are numbers, not \(stack.id)")
            }
            var kept = ChestSlot(itemID: item, count: Int64(stack.count), metadata: stack.metadata)
            kept.fields["maxStack"] = .integer(Int64(stack.limit))
            try setSlot(number, to: kept)
        }
    }
}

extension ItemStack {
    /// What lies in a slot of a chest, or was taken out of it.
    init(_ slot: ChestSlot) throws {
        let limit = slot.fields["maxStack"]?.int64 ?? max(Int64(Self.defaultLimit), slot.count)
        try self.init(.number(slot.itemID), count: Int(slot.count), limit: Int(limit), metadata: slot.metadata)
    }
}
