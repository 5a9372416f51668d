import Synchronization

/// Who is present on this server.
final class PlayerSeats: Sendable {
    private let seats = Mutex<[Int: PlayerSeat]>([:])

    func add(_ seat: PlayerSeat) { seats.withLock { $0[seat.ticket] = seat } }
    func remove(_ ticket: Int) { seats.withLock { _ = $0.removeValue(forKey: ticket) } }
    func seat(_ ticket: Int) -> PlayerSeat? { seats.withLock { $0[ticket] } }

    /// Earlier stays of the same player.
    func others(of player: String, besides ticket: Int) -> [PlayerSeat] {
        seats.withLock { $0.values.filter { $0.player == player && $0.ticket != ticket } }
    }

    /// Somebody to trade with.
    func partner(for seat: PlayerSeat, using generator: inout some RandomNumberGenerator) -> PlayerSeat? {
        let present = seats.withLock { Array($0.values) }
        guard let partner = present.randomElement(using: &generator), partner.player != seat.player,
            !partner.isStopped, !partner.isPreparing
        else { return nil }
        return partner
    }
}
