import Holdfast
import HoldfastGameplay

extension Coordinator {
    /// Moves items from a slot of a chest into an inventory: they are in one place at any moment.
    func fetch(
        _ count: Int64, from slot: Int, ofChestAt place: BlockPosition, in world: Session<World>,
        for player: Session<Player>
    ) async throws {
        try await transaction(over: [player, world]) { scope in
            let taken = try scope.edit(world) { try $0.take(count, from: slot, ofChestAt: place) }
            let stack = try ItemStack(taken)
            let rest = try scope.edit(player) { $0.inventory.add(stack) }
            guard rest == nil else { throw GameplayError(.full, "no room for \(count) of \(stack.id)") }
        }
    }
}
