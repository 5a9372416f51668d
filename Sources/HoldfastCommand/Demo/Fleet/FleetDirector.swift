/// Decides who plays where and which server dies next: the whole demo without a process, a clock or a socket.
///
/// Times are durations since the director was made. Each method takes the time and returns what is to be done.
struct FleetDirector: Sendable {
    enum Phase: Sendable, Equatable {
        case starting, playing, settling, draining, finished
    }

    /// A reward on its way into the store.
    struct PendingDelivery: Sendable, Equatable {
        let player: Int
        let coins: Int
        let whileAway: Bool
        /// Who was told to deliver it; nil while it waits for another attempt.
        var server: String?
        var retryAt: Duration = .zero
    }

    /// How long the director waits for things before it helps itself.
    enum Patience {
        static let start: Duration = .seconds(30)
        static let open: Duration = .seconds(25)
        static let prepare: Duration = .seconds(3)
        static let leave: Duration = .seconds(15)
        static let settle: Duration = .seconds(20)
        static let drain: Duration = .seconds(32)
        static let respawn: Duration = .milliseconds(400)
    }

    let settings: FleetSettings
    var phase: Phase = .starting
    var slots: [FleetSlot]
    var players: [FleetPlayer]
    var tally = DemoTally()
    var rescues: [Int: Rescue] = [:]
    /// The newest lines of the ticker, oldest first.
    var notices: [FleetNotice] = []
    /// What makes the run fail whatever the verifier says.
    var problems: [String] = []
    var generator: SeededGenerator
    /// When the present phase began.
    var phaseBegan: Duration = .zero
    var interrupted = false

    var nextTicket = 0
    var nextRescue = 0
    var nextReward = 0
    var deliveries: [String: PendingDelivery] = [:]
    /// Rewards that are durable and not known to be applied, by id.
    var owed: [String: Int] = [:]
    var appliedIDs: Set<String> = []
    var nextErrand = 0
    var dueErrands: [(at: Duration, errand: DemoErrand)] = []
    var lastCounts: [String: ServerCounts] = [:]
    var lastShared: [String: SharedCounts] = [:]
    var playerIndex: [String: Int] = [:]
    var nextCrash: Duration?
    var nextFreeze: Duration?
    var nextRestart: Duration?
    var nextPace: Duration = .zero
    var lastTick: Duration = .zero
    var lastHopNotice: Duration = .zero
    var lastTrouble: Duration = .zero
    var credit = (join: 0.0, leave: 0.0, hop: 0.0, reward: 0.0, errand: 0.0, trade: 0.0)

    init(_ settings: FleetSettings) {
        self.settings = settings
        self.generator = SeededGenerator(seed: settings.seed)
        self.slots = (0..<settings.servers).map { FleetSlot(index: $0, state: .starting(since: .zero)) }
        self.players = (0..<settings.players).map { FleetPlayer(name: FleetPlayer.name($0)) }
        for (index, player) in players.enumerated() { playerIndex[player.name] = index }
    }

    // MARK: - Life of the run

    /// Starts every server.
    mutating func start() -> [FleetAction] {
        slots.map { .spawn(server: $0.name) }
    }

    /// Ends the play early, as an interrupt does.
    mutating func interrupt(at now: Duration) {
        guard !interrupted else { return }
        interrupted = true
        note(.trouble, "interrupted: the fleet drains and is verified", at: now)
    }

    /// Lets time pass.
    mutating func tick(at now: Duration) -> [FleetAction] {
        var actions: [FleetAction] = []
        let step = now - lastTick
        lastTick = now
        switch phase {
        case .starting: startPlaying(at: now)
        case .playing: play(for: step, at: now, &actions)
        case .settling: settle(at: now, &actions)
        case .draining: waitForExits(at: now, &actions)
        case .finished: return []
        }
        if phase == .playing || phase == .settling {
            mendServers(at: now, &actions)
            mendPlayers(at: now, &actions)
            retryDeliveries(at: now, &actions)
            sendDueErrands(at: now, &actions)
        }
        return actions
    }

    private mutating func startPlaying(at now: Duration) {
        if slots.allSatisfy({ $0.state == .up }) {
            enter(.playing, at: now)
            nextCrash = settings.crashEvery.map { now + settings.firstFault(every: $0) }
            nextFreeze = settings.freezeEvery.map { now + settings.firstFault(every: $0) * 4 / 5 }
            nextRestart = settings.restartEvery.map { now + settings.firstFault(every: $0) / 2 }
            note(.server, "\(slots.count) servers are up; \(players.count) players come", at: now)
        } else if now - phaseBegan > Patience.start {
            let late = slots.filter { $0.state != .up }.map(\.name).joined(separator: ", ")
            fail("\(late) did not come up within \(Patience.start.components.seconds) s", at: now)
        } else if interrupted {
            beginDraining(at: now)
        }
    }

    private mutating func play(for step: Duration, at now: Duration, _ actions: inout [FleetAction]) {
        let elapsed = now - phaseBegan
        guard elapsed < settings.duration, !interrupted, problems.count < 6 else {
            return endPlay(at: now, &actions)
        }
        strike(at: now, &actions)
        let seconds = min(step / .seconds(1), 1)
        credit.join = min(credit.join + settings.joinsPerSecond * seconds, 20)
        credit.leave = min(credit.leave + settings.leavesPerSecond * seconds, 5)
        credit.hop = min(credit.hop + settings.hopsPerSecond * seconds, 5)
        credit.reward = min(credit.reward + settings.rewardsPerSecond * seconds, 5)
        credit.trade = min(credit.trade + settings.tradesPerSecond * seconds, 5)
        credit.errand = min(credit.errand + settings.errandsPerSecond * seconds, 5)
        movePlayers(at: now, &actions)
        if now >= nextPace {
            nextPace = now + .seconds(1)
            let present = players.count { if case .active = $0.state { true } else { false } }
            // Those still on their way count as well: a fleet that fills up does not start with a burst.
            let share = Int(Double(players.count) * FleetSettings.presentShare)
            let pace = settings.pace(saves: tally.saves, elapsed: elapsed, present: max(present, share))
            for slot in slots where slot.state == .up {
                actions.append(.order(server: slot.name, .pace(savesPerPlayer: pace)))
            }
        }
    }

    private mutating func endPlay(at now: Duration, _ actions: inout [FleetAction]) {
        tally.playTime = now - phaseBegan
        tally.savesInPlay = tally.saves
        enter(.settling, at: now)
        guard !interrupted else { return }
        // Rewards of players who are away are collected, so that the books close with every effect in them.
        for (order, player) in Set(owed.values).filter({ players[$0].isAway }).sorted().enumerated() {
            change(player, .waiting(until: now + .milliseconds(10) * order, .join), at: now)
        }
        note(.server, "play is over; late rewards are collected, then the fleet drains", at: now)
    }

    private mutating func settle(at now: Duration, _ actions: inout [FleetAction]) {
        let elapsed = now - phaseBegan
        let limit = interrupted ? settings.freezeLength + .seconds(3) : Patience.settle
        let moving = players.contains {
            switch $0.state {
            case .away, .active: false
            case .waiting, .opening, .preparing, .leaving: true
            }
        }
        let shaken = slots.contains {
            switch $0.state {
            case .frozen, .retiring: true
            default: $0.coolsUntil > now
            }
        }
        let collecting = !interrupted && !owed.isEmpty && elapsed < settings.renew * 4
        let waiting = moving || shaken || collecting || !deliveries.isEmpty
        guard elapsed > limit || (!waiting && elapsed >= settings.renew + .milliseconds(500)) else { return }
        beginDraining(at: now)
        for index in slots.indices {
            switch slots[index].state {
            case .up, .starting: actions.append(.terminate(server: slots[index].name))
            case .frozen:
                actions += [.thaw(server: slots[index].name), .terminate(server: slots[index].name)]
            case .crashed:
                slots[index].state = .gone
                continue
            case .retiring: break
            case .draining, .gone: continue
            }
            slots[index].state = .draining
            slots[index].lastEvent = "saves and releases"
        }
    }

    private mutating func waitForExits(at now: Duration, _ actions: inout [FleetAction]) {
        if slots.allSatisfy({ $0.state == .gone }) { return enter(.finished, at: now) }
        for index in slots.indices where slots[index].state != .gone && slots[index].state != .draining {
            // A run that failed to start drains whatever did start.
            if case .crashed = slots[index].state {
                slots[index].state = .gone
            } else {
                actions.append(.terminate(server: slots[index].name))
                slots[index].state = .draining
            }
        }
        guard now - phaseBegan > Patience.drain else { return }
        for index in slots.indices where slots[index].state == .draining {
            actions.append(.kill(server: slots[index].name))
            problems.append("\(slots[index].name) did not drain within \(Patience.drain.components.seconds) s")
            slots[index].state = .gone
        }
    }

    private mutating func beginDraining(at now: Duration) {
        enter(.draining, at: now)
        note(.server, "the fleet drains", at: now)
    }

    // MARK: - Shared by the extensions

    mutating func enter(_ next: Phase, at now: Duration) {
        phase = next
        phaseBegan = now
    }

    mutating func fail(_ problem: String, at now: Duration) {
        problems.append(problem)
        note(.trouble, problem, at: now)
        if phase == .starting { beginDraining(at: now) }
    }

    mutating func note(_ kind: FleetNotice.Kind, _ text: String, at now: Duration) {
        notices.append(FleetNotice(at: now, kind: kind, text: text))
        if notices.count > 64 { notices.removeFirst(notices.count - 64) }
    }

    mutating func change(_ player: Int, _ state: FleetPlayer.State, at now: Duration) {
        players[player].state = state
        players[player].since = now
    }

    /// Players that the director sees in a place, on their way included.
    func playersIn(_ slot: Int) -> Int { players.count { $0.slot == slot } }

    /// Whether a player has been active for a moment on a healthy server.
    func isSettled(_ player: FleetPlayer, at now: Duration) -> Bool {
        guard case .active(let slot) = player.state, slots[slot].state == .up else { return false }
        return now - player.since > .milliseconds(500)
    }

    /// The first player from a random place on of whom `condition` holds.
    mutating func randomPlayer(where condition: (FleetDirector, FleetPlayer) -> Bool) -> Int? {
        let start = Int.random(in: 0..<players.count, using: &generator)
        let order = Array(start..<players.count) + Array(0..<start)
        return order.first { condition(self, players[$0]) }
    }

    /// The emptier of two random servers that take players.
    mutating func randomServer(besides avoided: Int? = nil, at now: Duration) -> Int? {
        let open = slots.indices.filter { $0 != avoided && slots[$0].takesPlayers(at: now) }
        guard let first = open.randomElement(using: &generator), let second = open.randomElement(using: &generator)
        else { return nil }
        return playersIn(first) <= playersIn(second) ? first : second
    }
}
