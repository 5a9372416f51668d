/// One place in the fleet: a server process, and after its death the one that replaces it.
struct FleetSlot: Sendable, Equatable {
    enum State: Sendable, Equatable {
        /// Its process was started at `since` and does not beat yet.
        case starting(since: Duration)
        case up
        case frozen(until: Duration)
        /// Told at `since` to drain, so that a new process can take its place.
        case retiring(since: Duration)
        /// Killed, or ended by itself; replaced at `until`.
        case crashed(until: Duration)
        case draining
        case gone
    }

    let index: Int
    /// 1 for the first process of this place.
    var generation = 1
    var state: State
    var counts = ServerCounts()
    var savesPerSecond = 0.0
    /// When ``counts`` arrived.
    var countedAt: Duration = .zero
    /// A thawed server gets no players before its superseded sessions have found out.
    var coolsUntil: Duration = .zero
    /// Refused writes when it was thawed; nil once they were told.
    var refusedAtThaw: Int?
    var lastEvent = ""

    /// The server id of its present process.
    var name: String { generation == 1 ? "s\(index + 1)" : "s\(index + 1).\(generation)" }

    /// Whether it takes players at `now`.
    func takesPlayers(at now: Duration) -> Bool { state == .up && coolsUntil <= now }

    /// Takes new counts and follows the rate of saves.
    mutating func count(_ new: ServerCounts, at now: Duration) {
        let seconds = (now - countedAt) / .seconds(1)
        if seconds > 0.01 {
            let rate = Double(max(new.saves - counts.saves, 0)) / seconds
            savesPerSecond = countedAt == .zero ? rate : savesPerSecond * 0.6 + rate * 0.4
        }
        counts = new
        countedAt = now
    }
}
