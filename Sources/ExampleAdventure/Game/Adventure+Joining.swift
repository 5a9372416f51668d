import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Takes a player for this server; hooks settle what happened meanwhile.
    func join(_ key: Key, name: String) async throws -> Session<Player> {
        let session = try await players.open(key)
        if session.isFallback { summary.tell("     the store is away: \(name) may play, and nothing of it is kept") }
        try session.edit { player in
            player.character.name = name
            player.statistics.gamesPlayed += 1
        }
        summary.tell("     \(name) joins: visit \(session.document.statistics.gamesPlayed)")
        return session
    }

    /// Lets a player in while another part of the game, her display perhaps, waits for her data.
    func welcome(_ key: Key, name: String) async throws -> Session<Player> {
        async let shown = players.waitUntilLoaded(key)  // opens nothing itself
        let session = try await join(key, name: name)
        summary.check(
            try await shown === session && session.metadata?["region"] == "harbour",
            "the display has what \(name)'s join has loaded")
        return session
    }

    /// Gives the day's reward, once a day.
    func claimDaily(_ session: Session<Player>) throws {
        let now = clock.now()
        let claim = try session.edit { player -> DailyClaim? in
            guard let claim = try player.dailyRewards.claim(at: now) else { return nil }
            try player.earn(50 * Int64(claim.streak), of: .coins, id: claim.id, reason: "daily", at: now)
            return claim
        }
        let again = try session.edit { try $0.dailyRewards.claim(at: now) }
        summary.check(claim != nil && again == nil, "day \(claim?.streak ?? 0) of the streak is claimed, once")
    }
}
