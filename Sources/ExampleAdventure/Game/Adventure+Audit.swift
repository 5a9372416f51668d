import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Reads what the store has, without a lock, and counts it.
    func audit() async throws {
        var saved: [Player] = []
        for key in [Self.ann, Self.ben, Self.cleo] {
            guard let snapshot = try await patiently({ try await players.read(key) }) else { continue }
            saved.append(snapshot.document)
        }
        let entries = saved.flatMap(\.ledger)
        summary.check(
            Ledger.faults(in: entries) { $0.hasPrefix("trade:") }.isEmpty, "the ledger adds up: \(entries.count) lines")
        let coins = saved.reduce(0) { $0 + $1.wallet[.coins] }
        let moved = entries.filter { $0.currency == Currency.coins.name }.reduce(0) { $0 + $1.amount }
        summary.check(coins == 300 + moved, "\(coins) coins are what players began with and what the ledger says")
        let chest = try await worlds.reader.world(WorldID(owner: "\(Self.ann)"))?.world.chest(at: Self.chestPlace)
        let wood = try saved.reduce(chest?.inventory.count(of: .wood) ?? 0) { $0 + $1.inventory.count(of: .wood) }
        summary.check(wood == 40, "all forty planks of wood are still there")
        summary.check(saved.first?.statistics.blocksPlaced == 7, "the game's own counters were saved, too")
    }
}
