// Joins, leaves, hops and rewards.
extension FleetDirector {
    /// Joins, leaves, hops, rewards, trades and other operations that are due by their rates.
    mutating func movePlayers(at now: Duration, _ actions: inout [FleetAction]) {
        let wanted = Int(Double(players.count) * FleetSettings.presentShare)
        var present = players.count { !$0.isAway }
        while credit.leave >= 1 {
            credit.leave -= 1
            guard present > wanted * 9 / 10, let player = randomPlayer(where: { $0.isSettled($1, at: now) }) else {
                break
            }
            leave(player, at: now, &actions)
            present -= 1
        }
        while credit.join >= 1, present < max(wanted, 1) {
            credit.join -= 1
            guard let player = randomPlayer(where: { $1.isAway }) else { break }
            open(player, .join, at: now, &actions)
            present += 1
        }
        while credit.hop >= 1 {
            credit.hop -= 1
            guard let player = randomPlayer(where: { $0.isSettled($1, at: now) }) else { break }
            prepareHop(player, at: now, &actions)
        }
        while credit.reward >= 1 {
            credit.reward -= 1
            reward(at: now, &actions)
        }
        while credit.errand >= 1 {
            credit.errand -= 1
            planErrand(at: now, &actions)
        }
        while credit.trade >= 1 {
            credit.trade -= 1
            planTrade(at: now, &actions)
        }
    }

    mutating func open(_ player: Int, _ reason: FleetPlayer.Reason, at now: Duration, _ actions: inout [FleetAction]) {
        guard let slot = randomServer(at: now) else {
            return change(player, .waiting(until: now + .milliseconds(50), reason), at: now)
        }
        open(player, reason, in: slot, at: now, &actions)
    }

    mutating func open(
        _ player: Int, _ reason: FleetPlayer.Reason, in slot: Int, at now: Duration, _ actions: inout [FleetAction]
    ) {
        nextTicket += 1
        players[player].ticket = nextTicket
        change(player, .opening(slot: slot, reason), at: now)
        actions.append(.order(server: slots[slot].name, .open(player: players[player].name, ticket: nextTicket)))
    }

    mutating func leave(_ player: Int, at now: Duration, _ actions: inout [FleetAction]) {
        guard let slot = players[player].slot else { return }
        change(player, .leaving(slot: slot), at: now)
        let order = ServerOrder.leave(player: players[player].name, ticket: players[player].ticket)
        actions.append(.order(server: slots[slot].name, order))
    }

    /// A hop begins with a change that the old server has not saved; see ``ServerOrder/prepare(player:ticket:)``.
    mutating func prepareHop(_ player: Int, at now: Duration, _ actions: inout [FleetAction]) {
        guard let slot = players[player].slot, let target = randomServer(besides: slot, at: now) else { return }
        change(player, .preparing(slot: slot, target: target), at: now)
        let order = ServerOrder.prepare(player: players[player].name, ticket: players[player].ticket)
        actions.append(.order(server: slots[slot].name, order))
    }

    /// A reward with an id of its own, a third of them for players who are away.
    mutating func reward(at now: Duration, _ actions: inout [FleetAction]) {
        let wantsAway = generator.happens(1.0 / 3)
        guard let player = randomPlayer(where: { $1.isAway == wantsAway }) else { return }
        nextReward += 1
        let id = "reward:\(nextReward):\(players[player].name)"
        let coins = Int.random(in: 1...50, using: &generator)
        deliveries[id] = PendingDelivery(player: player, coins: coins, whileAway: wantsAway)
        deliver(id, at: now, &actions)
    }

    mutating func deliver(_ id: String, at now: Duration, _ actions: inout [FleetAction]) {
        guard let delivery = deliveries[id] else { return }
        guard let slot = randomServer(at: now) else {
            deliveries[id]?.server = nil
            deliveries[id]?.retryAt = now + .milliseconds(100)
            return
        }
        deliveries[id]?.server = slots[slot].name
        let order = ServerOrder.deliver(player: players[delivery.player].name, id: id, coins: delivery.coins)
        actions.append(.order(server: slots[slot].name, order))
    }

    mutating func retryDeliveries(at now: Duration, _ actions: inout [FleetAction]) {
        for id in deliveries.filter({ $0.value.server == nil && $0.value.retryAt <= now }).keys.sorted() {
            deliver(id, at: now, &actions)
        }
    }

    /// Opens whoever waits, and helps players whose server did not answer in time.
    mutating func mendPlayers(at now: Duration, _ actions: inout [FleetAction]) {
        for index in players.indices {
            let waited = now - players[index].since
            switch players[index].state {
            case .away, .active: continue
            case .waiting(let until, let reason):
                if until <= now { open(index, reason, at: now, &actions) }
            case .opening(_, let reason):
                if waited > Patience.open { open(index, reason == .hop ? .join : reason, at: now, &actions) }
            case .preparing(let slot, _):
                guard waited > Patience.prepare else { continue }
                change(index, .active(slot: slot), at: now)
                let order = ServerOrder.resume(player: players[index].name, ticket: players[index].ticket)
                actions.append(.order(server: slots[slot].name, order))
            case .leaving:
                if waited > Patience.leave { change(index, .away, at: now) }
            }
        }
    }
}
