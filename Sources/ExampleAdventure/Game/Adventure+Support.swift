import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Changes a player who may be here, elsewhere or away: taken, changed, saved and given back.
    func support(_ key: Key) async throws {
        try await players.update(key, reason: "asked for silence") { $0.settings.enableNotifications = false }
        let saved = try await players.read(key)
        summary.check(
            saved?.document.settings.enableNotifications == false, "Ben, who is away, gets no notifications any more")
    }

    /// Takes a mistake back: a version was kept before it, and is restored while nobody plays.
    func takeBack(_ key: Key) async throws {
        let kept = try await players.history(key).keepCurrent(reason: "before the clean-up")
        try await players.update(key, reason: "clean-up") { $0.inventory = Inventory() }
        let receipt = try await players.restore(key, to: .version(kept))
        let saved = try await players.read(key)
        summary.check(
            saved?.document.inventory.count(of: .sword) == 1 && receipt.undoneOperations.isEmpty,
            "an inventory that was emptied by mistake is back")
    }

    /// Takes on work for players who may be away: each is opened when its turn comes, changed, saved and released.
    func rewardGuild(_ members: [Key]) async throws {
        let work = try members.map { member in
            try players.enqueue(member) { session in
                try session.edit { $0.profile.experience += 25 }
            }
        }
        for piece in work { try await piece.value() }  // saved, too
        var experience = 0
        for member in members { experience += try await players.read(member)?.document.profile.experience ?? 0 }
        summary.check(experience == 25 * members.count, "the guild's members are rewarded while they are away")
    }

    /// Says what a server knows of itself: a busy one may count failures, and has tried again.
    func tellHealth() {
        let health = coordinator.health
        summary.tell(
            "     the server is \(health.isCritical ? "in a critical state" : "well"): "
                + "\(health.redisFailures) failures of Redis and \(health.storeFailures) of the store")
    }
}
