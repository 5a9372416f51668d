import Holdfast
import HoldfastGameplay

/// What a buyer gets, and what a seller gets back.
struct GiveItems: ProfileOperation {
    static let name = "give-items"

    var item: ItemID
    var count: Int

    func apply(to player: inout Player) throws {
        guard try player.inventory.add(item, count: count) == 0 else {
            throw GameplayError(.full, "no room for \(count) of \(item)")
        }
    }
}
