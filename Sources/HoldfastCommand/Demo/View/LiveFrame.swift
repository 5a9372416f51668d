/// One picture of a run: everything the live view shows, taken at one moment.
struct LiveFrame: Sendable {
    struct Row: Sendable, Equatable {
        let name: String
        let pid: Int32?
        let state: FleetSlot.State
        let players: Int
        let doubtful: Int
        let savesPerSecond: Double
        let lastEvent: String
    }

    let rows: [Row]
    let phase: FleetDirector.Phase
    let elapsed: Duration
    let duration: Duration
    let present: Int
    let players: Int
    let tally: DemoTally
    let savesPerSecond: Double
    let notices: [FleetNotice]
    let now: Duration

    init(_ director: FleetDirector, pids: [String: Int32], now: Duration) {
        rows = director.slots.map { slot in
            Row(
                name: slot.name, pid: pids[slot.name], state: slot.state,
                players: slot.state == .gone ? 0 : director.playersIn(slot.index),
                doubtful: slot.counts.doubtful,
                savesPerSecond: slot.state == .gone ? 0 : slot.savesPerSecond, lastEvent: slot.lastEvent)
        }
        phase = director.phase
        duration = director.settings.duration
        elapsed =
            switch director.phase {
            case .starting: .zero
            case .playing: now - director.phaseBegan
            case .settling, .draining, .finished: director.tally.playTime
            }
        present = director.players.count { player in
            guard case .active(let slot) = player.state else { return false }
            return director.slots[slot].state != .gone
        }
        players = director.players.count
        tally = director.tally
        savesPerSecond = director.slots.reduce(0) { $1.state == .gone ? $0 : $0 + $1.savesPerSecond }
        notices = director.notices
        self.now = now
    }
}
