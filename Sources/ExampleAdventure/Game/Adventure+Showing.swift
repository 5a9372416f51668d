import Holdfast

extension Adventure {
    /// Shows a client what it may see of its player, and nothing else.
    func show(_ session: Session<Player>) throws {
        let publisher = try session.publisher(of: ["profile.level", "wallet.coins", "character.Stage"])
        let replica = Replica()  // on the client; the bytes go over the game's own connection
        replica.observe("profile.level") { [summary] old, new in
            summary.tell("     the client shows level \(new?.int64 ?? 0) in the place of \(old?.int64 ?? 0)")
        }
        for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }

        try session.edit { $0.profile.rise(by: 1) }
        if let patch = try publisher.publish() { _ = try replica.receive(patch) }
        summary.check(
            replica["profile.level"] == 4 && replica["wallet.gems"] == nil,
            "the client sees the new level, and no gems")

        try session.edit { $0.character.stage = "Squire" }
        try publisher.publish()  // lost on the way
        try session.edit { $0.character.stage = "Knight" }
        if let patch = try publisher.publish(), try replica.receive(patch) == .needsResync {
            for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }
        }
        summary.check(replica["character.Stage"] == "Knight", "a client that missed a message asks for it")
    }
}
