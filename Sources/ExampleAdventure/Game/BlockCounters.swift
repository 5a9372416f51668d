import Synchronization

/// A system of the game with numbers of its own: how many blocks players have placed.
final class BlockCounters: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func begin(_ player: Player) {
        counts.withLock { $0[player.character.id] = player.statistics.blocksPlaced }
    }

    func place(_ count: Int, by player: Player) {
        counts.withLock { $0[player.character.id]? += count }
    }

    func placed(by player: Player) -> Int? {
        counts.withLock { $0[player.character.id] }
    }

    func end(_ player: Player) {
        counts.withLock { $0[player.character.id] = nil }
    }
}
