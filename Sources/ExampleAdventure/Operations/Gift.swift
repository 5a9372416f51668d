import Holdfast
import HoldfastGameplay

/// Items from another player, who has given them up already.
struct Gift: ProfileOperation {
    static let name = "gift"

    var from: String
    var item: ItemID
    var count: Int

    func apply(to player: inout Player) throws {
        guard try player.inventory.add(item, count: count) == 0 else {
            throw GameplayError(.full, "no room for a gift of \(count)")
        }
        player.statistics.itemsCollected += count
    }
}
