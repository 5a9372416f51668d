import Holdfast
import HoldfastGameplay

/// What a seller gives up.
struct TakeItems: ProfileOperation {
    static let name = "take-items"

    var item: ItemID
    var count: Int

    func apply(to player: inout Player) throws {
        try player.inventory.remove(item, count: count, where: \.isPlain)
    }
}
