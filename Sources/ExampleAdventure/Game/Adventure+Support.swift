import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Changes a player who may be here, elsewhere or away: taken, changed, saved and given back.
    func support(_ session: Session<Player>) async throws {
        let key = session.key
        try await players.update(key, reason: "asked for silence") { $0.settings.enableNotifications = false }
        let end = await session.waitUntilEnded()
        let saved = try await players.read(key)
        summary.check(
            end == .handedOver(to: server.name) && saved?.document.settings.enableNotifications == false,
            "Ben, who was on the other server, gets no notifications any more")
    }

    /// Takes a mistake back: a version was kept before it, and is restored while nobody plays.
    func takeBack(_ key: Key) async throws {
        let history = players.history(key)
        let kept = try await history.keepCurrent(reason: "before the clean-up")
        try await players.update(key, reason: "clean-up") { $0.inventory = Inventory() }
        let versions = try await history.entries().map(\.version)
        let changes = try await history.difference(from: .version(kept))
        let before = try await players.version(.version(kept), of: key)
        summary.check(
            versions.contains(kept) && changes.contains { "\($0.path)".hasPrefix("inventory") }
                && before.inventory.count(of: .sword) == 1,
            "the history tells what the clean-up has taken, and still has it")
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

    /// Shelters players from a storm at once, and drops whatever else was to be done for them and has not begun.
    func shelter(_ members: [Key]) async throws {
        for member in members {
            try players.enqueue(member) { session in try session.edit { $0.settings.musicVolume = 0.5 } }
            try players.enqueue(member, priority: .emergency) { session in
                try session.edit { $0.character.stage = "Sheltered" }
            }
        }
        coordinator.work.discard(.allButEmergencies)
        try await coordinator.work.drain(timeout: .seconds(30))  // until nothing is left
        var stages: Set<String> = []
        for member in members { stages.insert(try await players.read(member)?.document.character.stage ?? "") }
        summary.check(stages == ["Sheltered"], "in a storm shelter comes before everything else")
    }

    /// Tries something out on a player who is away, and gives it up: nothing of it is saved.
    func tryOut(on key: Key) async throws {
        let session = try await players.open(key)
        try session.edit { $0.wallet = Wallet() }
        try await session.closeWithoutSaving()
        let saved = try await players.read(key)
        summary.check(saved.map { $0.document.wallet[.coins] > 0 } == true, "what was only tried out is not kept")
    }

    /// Says what a server knows of itself: a busy one may count failures, and has tried again.
    func tellHealth() async throws {
        let health = coordinator.health
        summary.tell(
            "     the server is \(health.isCritical ? "in a critical state" : "well"): "
                + "\(health.redisFailures) failures of Redis and \(health.storeFailures) of the store")
        let usage = try await players.usage(of: Self.ann)
        summary.check(usage?.isWarning == false, "Ann's profile is far from every limit")
    }
}
