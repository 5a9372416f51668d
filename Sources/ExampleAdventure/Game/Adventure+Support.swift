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
}
