import HoldfastProfiles
import HoldfastWorlds
import Logging

/// Opens the worlds of players who are on this server, and plays in them.
///
/// A world follows its owner: the server that she hops to asks the one before for it.
struct DemoWorlds: Sendable {
    /// A chest or a purse without enough coins.
    private struct TooPoor: Error {}

    private static let openTimeout: Duration = .seconds(20)
    private static let step: ClosedRange<Double> = 0.1...0.3
    private static let saveChance = 0.25
    private static let moveChance = 0.2

    let store: WorldStore
    let coordinator: Coordinator
    let trades: TradeBook
    let counters: DemoCounters
    let logger: Logger

    /// Keeps a player's world open and changes it until her stay is over.
    func live(with seat: PlayerSeat) async {
        guard DemoWorld.isOwned(by: seat.player), let id = try? WorldID(owner: seat.player) else { return }
        while !Task.isCancelled, !seat.isStopped {
            do {
                let session = try await store.open(id, ownerName: seat.player, timeout: Self.openTimeout)
                await play(in: session, seat)
                // Else the coordinator's drain saves it.
                if !Task.isCancelled { try await session.close() }
            } catch {
                // Superseded, or Redis or the store is away.
                logger.debug("a world is not here", metadata: ["demo.player": "\(seat.player)", "error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    private func play(in session: Session<World>, _ seat: PlayerSeat) async {
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled, !seat.isStopped, !session.isEnded {
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                // Busy with a transaction, or over: the loop sees to it.
                if (try? session.edit { try $0.build() }) != nil { counters.update { $0.edits += 1 } }
            }
            let draw = Double.random(in: 0..<1, using: &generator) - Self.saveChance
            if draw < 0 {
                // Else it is saved on schedule.
                _ = try? await session.save()
            } else if draw < Self.moveChance, !seat.isPreparing {
                await move(Int.random(in: 1...20, using: &generator), between: seat, and: session)
            }
            try? await Task.sleep(for: .seconds(Double.random(in: Self.step, using: &generator)))
        }
    }

    /// Moves coins between the purse of the player and the chest of her world, whichever has more.
    private func move(_ amount: Int, between seat: PlayerSeat, and session: Session<World>) async {
        do {
            let (isDeposit, receipts) = try await coordinator.transaction(seat.session, session) { player, world in
                let isDeposit = player.coins >= world.counted("coins")
                guard max(Int64(player.coins), world.counted("coins")) >= amount else { throw TooPoor() }
                player.pay(isDeposit ? amount : -amount)
                try world.put(coins: Int64(isDeposit ? amount : -amount))
                return isDeposit
            }
            let sides = [(seat.player, receipts[0]), ("\(session.key)", receipts[1])]
            trades.write(amount, from: sides[isDeposit ? 0 : 1], to: sides[isDeposit ? 1 : 0])
        } catch {
            logger.debug("coins stay", metadata: ["demo.player": "\(seat.player)", "error": "\(error)"])
        }
    }
}
