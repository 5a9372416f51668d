// Operations besides plain rewards.
extension FleetDirector {
    /// An operation of a random kind, and sometimes what another server is to do about it soon.
    mutating func planErrand(at now: Duration, _ actions: inout [FleetAction]) {
        guard let player = randomPlayer(where: { _, _ in true }).map({ players[$0].name }) else { return }
        nextErrand += 1
        let id = "errand:\(nextErrand):\(player)"
        let coins = Int.random(in: 1...50, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            let delay = Int.random(in: 50...1_500, using: &generator)
            send(.late(player: player, id: id, coins: coins, delayMillis: delay), at: now, &actions)
            guard generator.happens(0.7) else { return }
            let wait = Duration.milliseconds(Int.random(in: 20...1_800, using: &generator))
            dueErrands.append((now + wait, .cancel(player: player, id: id)))
        case 1:
            let life = Int.random(in: 20...1_000, using: &generator)
            send(.fleeting(player: player, id: id, coins: coins, lifeMillis: life), at: now, &actions)
        case 2:
            let days = Int.random(in: 2...6, using: &generator)
            send(.wage(player: player, id: id, coins: coins, days: days), at: now, &actions)
        default:
            send(.mishap(player: player, id: id, coins: coins), at: now, &actions)
            let wait = Duration.milliseconds(Int.random(in: 500...2_500, using: &generator))
            dueErrands.append((now + wait, .requeue(player: player, id: id, newID: "\(id):again")))
        }
    }

    /// Sends what was put off until now.
    mutating func sendDueErrands(at now: Duration, _ actions: inout [FleetAction]) {
        for (at, errand) in dueErrands where at <= now { send(errand, at: now, &actions) }
        dueErrands.removeAll { $0.at <= now }
    }

    /// A trade that begins on the server of one player; the other one is mostly elsewhere, or away.
    mutating func planTrade(at now: Duration, _ actions: inout [FleetAction]) {
        guard let player = randomPlayer(where: { $0.isSettled($1, at: now) }), let slot = players[player].slot,
            let partner = randomPlayer(where: { $1.slot != slot && $1.ticket > 0 })
        else { return }
        nextErrand += 1
        let errand = DemoErrand.trade(
            player: players[player].name, partner: players[partner].name, id: "demo:\(nextErrand)",
            coins: Int.random(in: 1...30, using: &generator), back: Int.random(in: 1...30, using: &generator))
        actions.append(.order(server: slots[slot].name, .errand(errand)))
    }

    private mutating func send(_ errand: DemoErrand, at now: Duration, _ actions: inout [FleetAction]) {
        guard let slot = randomServer(at: now) else { return }
        actions.append(.order(server: slots[slot].name, .errand(errand)))
    }
}
