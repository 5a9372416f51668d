import Holdfast
import HoldfastGameplay

/// What a buyer pays, with a line in the ledger.
struct TakeCoins: ProfileOperation {
    static let name = "take-coins"

    var amount: Int64
    var trade: String
    var at: Int64

    func apply(to player: inout Player) throws {
        try player.pay(amount, of: .coins, id: trade, reason: "market", at: at)
    }
}
