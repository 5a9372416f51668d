import Holdfast
import HoldfastGameplay

/// What a seller earns, and what a buyer gets back, with a line in the ledger.
struct GiveCoins: ProfileOperation {
    static let name = "give-coins"

    var amount: Int64
    var trade: String
    var at: Int64

    func apply(to player: inout Player) throws {
        try player.note(try player.wallet.deposit(amount, of: .coins), id: trade, reason: "market", at: at)
    }
}
