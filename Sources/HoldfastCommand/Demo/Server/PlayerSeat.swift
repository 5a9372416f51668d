import HoldfastProfiles
import Synchronization

/// One stay of one player on this server.
final class PlayerSeat: Sendable {
    private struct State {
        var isPreparing = false
        var isStopped = false
    }

    let player: String
    let ticket: Int
    let session: Session<DemoPlayer>
    private let state = Mutex(State())

    init(player: String, ticket: Int, session: Session<DemoPlayer>) {
        self.player = player
        self.ticket = ticket
        self.session = session
    }

    /// About to hop away: changes are made and not saved.
    var isPreparing: Bool { state.withLock { $0.isPreparing } }
    /// Play on this seat is over.
    var isStopped: Bool { state.withLock { $0.isStopped } || session.isEnded }

    func prepare(_ isPreparing: Bool) { state.withLock { $0.isPreparing = isPreparing } }
    func stop() { state.withLock { $0.isStopped = true } }
}
