import Holdfast
import HoldfastGameplay

/// Something bought for real money: given once for ever, however often the platform reports it.
struct Purchase: ProfileOperation {
    static let name = "purchase"

    /// The platform's name of the purchase.
    var id: String
    var product: String
    var purchasedAt: Int64

    func apply(to player: inout Player) throws {
        guard product == "starter-pack" else { throw OperationRefusal("nobody sells \(product)") }
        guard try player.purchases.record(id, product: product, purchasedAt: purchasedAt) else { return }
        try player.earn(500, of: .gems, id: "purchase:\(id)", reason: product, at: purchasedAt)
        guard try player.inventory.add(.sword, count: 1, limit: 1, metadata: ["sharpness": 3]) == 0 else {
            throw GameplayError(.full, "no room for the sword")  // nothing of this is kept; it is tried again later
        }
    }
}
