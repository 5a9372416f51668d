import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Takes a player for this server; hooks settle what happened meanwhile.
    func join(_ key: Key, name: String) async throws -> Session<Player> {
        let session = try await players.open(key)
        try session.edit { player in
            player.character.name = name
            player.statistics.gamesPlayed += 1
        }
        summary.tell("     \(name) joins: visit \(session.document.statistics.gamesPlayed)")
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
