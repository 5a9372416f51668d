import Holdfast

extension Adventure {
    /// Shows a client what it may see of its player, and nothing else.
    func show(_ session: Session<Player>) throws {
        let publisher = try session.publisher(of: ["profile.level", "wallet.coins"])
        let replica = Replica()  // on the client; the bytes go over the game's own connection
        for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }

        try session.edit { $0.profile.level += 1 }
        if let patch = try publisher.publish() { _ = try replica.receive(patch) }
        summary.check(
            replica["profile.level"] == 4 && replica["wallet.gems"] == nil,
            "the client sees the new level, and no gems")
    }
}
