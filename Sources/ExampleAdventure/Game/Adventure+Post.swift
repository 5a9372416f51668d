import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Gives lessons, which are an operation of several steps.
    func train(_ session: Session<Player>) async throws {
        let before = session.document.character.stats.strength
        try await players.deliver(Training(lessons: 3), to: session.key, id: "training:spring")
        let receipt = try await players.result(of: "training:spring", key: session.key)
        summary.check(
            receipt.state == .applied && session.document.character.stats.strength == before + 3,
            "three lessons are given, one by one")
    }

    /// Invites a friend: what she gets and what her friend gets for it are one commit, whenever she comes.
    func invite(_ friend: Key, by player: Int64) async throws {
        try await players.deliver(Invitation(by: player, at: clock.now()), to: friend, id: "invitation:\(player)")
    }

    /// Sends bread that does not keep, and takes back what has not arrived yet.
    func sendBread(to key: Key) async throws {
        let bread = Gift(from: "bakery", item: .bread, count: 1)
        try await players.deliver(bread, to: key, id: "bread:1", timeToLive: .milliseconds(1))
        let stale = try await players.result(of: "bread:1", key: key)
        try await players.deliver(bread, to: key, id: "bread:2", delay: .seconds(3_600))
        let cancelled = try await players.cancelOperation("bread:2", of: key)
        summary.check(
            stale.state == .expired && cancelled == .cancelled,
            "bread that nobody took in time has expired, and bread for later is taken back")
    }

    /// A gift for which there is no room becomes a dead letter; it is delivered anew once there is.
    func redeliver(to session: Session<Player>) async throws {
        try session.edit { _ = try $0.inventory.add(.gravel, count: 36 * 64) }
        let bread = Gift(from: "bakery", item: .bread, count: 1)
        try await players.deliver(bread, to: session.key, id: "bread:3")
        let dead = try await players.result(of: "bread:3", key: session.key)
        for letter in try await players.deadLetters() {
            summary.tell("     \(letter.id) has failed \(letter.attempts) times: \(letter.lastError ?? "")")
        }
        try session.edit { player in
            _ = try player.inventory.remove(.gravel, count: player.inventory.count(of: .gravel))
        }
        let requeued = try await players.requeueOperation("bread:3", of: session.key, as: "bread:4")
        let receipt = try await players.result(of: "bread:4", key: session.key)
        summary.check(
            dead.state == .dead && dead.attempts == 3 && requeued == .requeued && receipt.state == .applied
                && session.document.inventory.count(of: .bread) == 1,
            "bread finds no room three times, and some when the gravel is gone")
    }
}
