import Holdfast

/// What a friend gets who was invited, and who invited her: both in one commit.
struct Invitation: DeliveringOperation {
    static let name = "invitation"

    /// Who invited her.
    var by: Int64
    var at: Int64

    func apply(to player: inout Player, delivering outbox: inout Outbox) throws {
        player.profile.experience += 10
        let id = "invited:\(player.character.id)"
        try outbox.deliver(GiveCoins(amount: 5, trade: id, at: at), to: Key(by), in: "players", id: id)
    }
}
