import Holdfast

extension Adventure {
    /// Moves a player to the other server, which asks for her; this one saves, lets go and is told why.
    func travel(_ session: Session<Player>) async throws -> Session<Player> {
        let there = try await elsewhere.players.open(session.key)
        let end = await session.waitUntilEnded()
        summary.check(
            end == .handedOver(to: elsewhere.name) && there.document.wallet == session.document.wallet,
            "\(there.document.character.name) goes to the other server, with all he has")
        try await eventually("the guest book is written") {
            server.book.end(of: session.key) == end && server.book.savedVersion(of: session.key) != nil
        }
        return there
    }

    /// Shows a player to others, as of some seconds ago: many who look cost one read.
    func showCard(of key: Key) async throws {
        let first = try await players.read(key, maximumAge: .seconds(10))
        let second = try await players.read(key, maximumAge: .seconds(10))
        summary.check(
            first != nil && first?.version == second?.version,
            "others see the card of \(first?.document.character.name ?? "nobody")")
    }
}
