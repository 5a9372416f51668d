import HoldfastProfiles
import HoldfastWorlds
import Logging

/// Brings the players of this server into worlds, and plays in them.
///
/// A world of a player's own follows her: the server that she hops to asks the one before for it. All others are in the
/// one world that their server hosts, which is the town of whoever came first and goes with the first of it who leaves.
/// A town's people are on many servers, so servers take its world from each other.
struct DemoWorlds: Sendable {
    private static let openTimeout: Duration = .seconds(20)
    /// Seconds between two steps in a world of one's own, and in one that is shared.
    private static let (step, sharedStep) = (0.1...0.3, 0.6...1.8)
    private static let saveChance = 0.25
    private static let moveChance = 0.2

    let store: WorldStore
    let host: WorldHost
    let coordinator: Coordinator
    let trades: TradeBook
    let journal: DemoJournal
    let counters: DemoCounters
    let logger: Logger

    /// Keeps a player in a world until her stay is over.
    func live(with seat: PlayerSeat) async {
        while !Task.isCancelled, !seat.isStopped {
            do {
                if DemoWorld.isOwned(by: seat.player) { try await own(seat) } else { try await visit(seat) }
            } catch {
                // Superseded, or Redis or the store is away.
                logger.debug(
                    "a world is not here",
                    metadata: ["holdfast.player": "\(seat.player)", "holdfast.error": "\(error)"])
            }
            // A world that has just gone to another server is not called back at once.
            if !seat.isStopped { try? await Task.sleep(for: .milliseconds(Int.random(in: 250...750))) }
        }
    }

    /// Opens a player's own world, and closes it behind her.
    private func own(_ seat: PlayerSeat) async throws {
        let session = try await store.open(
            try WorldID(owner: seat.player), ownerName: seat.player, timeout: Self.openTimeout)
        await play(in: session, seat, every: Self.step)
        // Else the coordinator's drain saves it.
        if !Task.isCancelled { try await session.close() }
    }

    /// Joins the world that this server hosts, or claims it for the player's town.
    private func visit(_ seat: PlayerSeat) async throws {
        let town = DemoWorld.town(of: seat.player)
        let visit = try await host.join(town, playerName: town, timeout: Self.openTimeout)
        journal.write("visited", [("key", "\(visit.world)"), ("owner", "\(visit.session.nonce)")])
        await play(in: visit.session, seat, every: Self.sharedStep)
        if seat.isStopped, !Task.isCancelled { try await host.leave(town) }
    }

    private func play(in session: Session<World>, _ seat: PlayerSeat, every step: ClosedRange<Double>) async {
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
            try? await Task.sleep(for: .seconds(Double.random(in: step, using: &generator)))
        }
    }

    /// Moves coins between the purse of the player and the chest of her world, whichever has more.
    private func move(_ amount: Int, between seat: PlayerSeat, and session: Session<World>) async {
        do {
            let (isDeposit, receipts) = try await coordinator.transaction(seat.session, session) { player, world in
                let isDeposit = player.coins >= world.counted("coins")
                try player.pay(isDeposit ? amount : -amount)
                try world.put(coins: Int64(isDeposit ? amount : -amount))
                return isDeposit
            }
            let sides = [(seat.player, receipts[0]), ("\(session.key)", receipts[1])]
            trades.write(amount, from: sides[isDeposit ? 0 : 1], to: sides[isDeposit ? 1 : 0])
        } catch {
            logger.debug("coins stay", metadata: ["holdfast.player": "\(seat.player)", "holdfast.error": "\(error)"])
        }
    }
}
