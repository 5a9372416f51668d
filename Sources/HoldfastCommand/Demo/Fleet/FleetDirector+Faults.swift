// Kills, freezes, and what the fleet does about them.
extension FleetDirector {
    /// Kills and freezes that are due, as long as enough servers stay healthy.
    mutating func strike(at now: Duration, _ actions: inout [FleetAction]) {
        if let due = nextCrash, due <= now, let slot = victim(at: now) {
            nextCrash = max(due + (settings.crashEvery ?? .zero), now + .milliseconds(500))
            actions.append(.kill(server: slots[slot].name))
            tally.crashes += 1
            bury(slot, isCrash: true, at: now, &actions)
        }
        if let due = nextFreeze, due <= now, let slot = victim(at: now) {
            nextFreeze = max(due + (settings.freezeEvery ?? .zero), now + settings.freezeLength + .seconds(1))
            actions.append(.freeze(server: slots[slot].name))
            tally.freezes += 1
            slots[slot].state = .frozen(until: now + settings.freezeLength)
            slots[slot].refusedAtThaw = slots[slot].counts.refused
            vacate(slot, isCrash: false, at: now, &actions)
        }
        if let due = nextRestart, due <= now, let slot = oldest(at: now) {
            nextRestart = max(due + (settings.restartEvery ?? .zero), now + .milliseconds(500))
            retire(slot, at: now, &actions)
        }
    }

    /// The server whose turn it is in a rolling restart: one at a time, and those that were never replaced first.
    private func oldest(at now: Duration) -> Int? {
        let isBusy = slots.contains {
            switch $0.state {
            case .retiring, .starting: true
            default: false
            }
        }
        let healthy = slots.indices.filter { slots[$0].takesPlayers(at: now) }
        guard !isBusy, healthy.count - 1 >= max(settings.minimumHealthy, 1) else { return nil }
        return healthy.min { slots[$0].generation < slots[$1].generation }
    }

    /// Drains one server under load; its players go on elsewhere at once and find their leases handed over.
    private mutating func retire(_ slot: Int, at now: Duration, _ actions: inout [FleetAction]) {
        let server = slots[slot].name
        actions.append(.terminate(server: server))
        slots[slot].state = .retiring(since: now)
        slots[slot].lastEvent = "drains, to be replaced"
        let stranded = players.indices.filter { players[$0].slot == slot }
        for player in stranded {
            switch players[player].state {
            case .away, .waiting: continue
            case .leaving: change(player, .away, at: now)
            case .active, .preparing, .opening: open(player, .join, at: now, &actions)
            }
        }
        cancelHops(into: slot, at: now, &actions)
        for id in deliveries.filter({ $0.value.server == server }).keys.sorted() { deliver(id, at: now, &actions) }
        note(.server, "\(server) is restarted: \(stranded.count) players move on", at: now)
    }

    /// Players who were about to hop to a server that takes nobody any more stay where they are.
    private mutating func cancelHops(into slot: Int, at now: Duration, _ actions: inout [FleetAction]) {
        for player in players.indices {
            guard case .preparing(let from, let target) = players[player].state, target == slot else { continue }
            change(player, .active(slot: from), at: now)
            let order = ServerOrder.resume(player: players[player].name, ticket: players[player].ticket)
            actions.append(.order(server: slots[from].name, order))
        }
    }

    private mutating func victim(at now: Duration) -> Int? {
        let healthy = slots.indices.filter { slots[$0].takesPlayers(at: now) }
        guard healthy.count - 1 >= settings.minimumHealthy else { return nil }
        let busy = healthy.filter { slot in players.contains { $0.state == .active(slot: slot) } }
        return busy.randomElement(using: &generator)
    }

    /// A process is dead: its players go elsewhere and a replacement comes.
    mutating func bury(_ slot: Int, isCrash: Bool, at now: Duration, _ actions: inout [FleetAction]) {
        slots[slot].state = .crashed(until: now + Patience.respawn)
        slots[slot].savesPerSecond = 0
        slots[slot].counts.sessions = 0
        slots[slot].counts.doubtful = 0
        vacate(slot, isCrash: isCrash, at: now, &actions)
    }

    /// Orders everybody of a dead or frozen server to others at once.
    mutating func vacate(_ slot: Int, isCrash: Bool, at now: Duration, _ actions: inout [FleetAction]) {
        let server = slots[slot].name
        let stranded = players.indices.filter { players[$0].slot == slot }
        let active = stranded.filter {
            switch players[$0].state {
            case .active, .preparing: true
            case .away, .waiting, .opening, .leaving: false
            }
        }
        nextRescue += 1
        let number = nextRescue
        rescues[number] = Rescue(
            server: server, isCrash: isCrash, began: now, players: active.count, missing: Set(active))
        for player in stranded {
            switch players[player].state {
            case .away, .waiting: continue
            case .active, .preparing: open(player, .rescue(number), at: now, &actions)
            // A hop whose target died is no measured hop any more.
            case .opening(_, let reason): open(player, reason == .hop ? .join : reason, at: now, &actions)
            case .leaving: change(player, .away, at: now)
            }
        }
        cancelHops(into: slot, at: now, &actions)
        for id in deliveries.filter({ $0.value.server == server }).keys.sorted() { deliver(id, at: now, &actions) }
        let verb = isCrash ? "killed" : "frozen"
        slots[slot].lastEvent = "\(verb) with \(active.count) players"
        note(isCrash ? .crash : .freeze, "\(server) \(verb): \(active.count) players look for a new server", at: now)
        if active.isEmpty { rescues[number] = nil }
    }

    /// Replaces dead servers and thaws frozen ones when it is time.
    mutating func mendServers(at now: Duration, _ actions: inout [FleetAction]) {
        for index in slots.indices {
            switch slots[index].state {
            case .crashed(let until):
                guard until <= now, phase == .playing || settings.servers == 1 else { continue }
                slots[index].generation += 1
                slots[index].state = .starting(since: now)
                slots[index].counts = ServerCounts()
                slots[index].countedAt = .zero
                slots[index].refusedAtThaw = nil
                slots[index].lastEvent = "starts in place of a dead server"
                actions.append(.spawn(server: slots[index].name))
            case .frozen(let until):
                guard until <= now else { continue }
                slots[index].state = .up
                slots[index].coolsUntil = now + .milliseconds(1_500)
                slots[index].lastEvent = "thawed"
                actions.append(.thaw(server: slots[index].name))
                note(.freeze, "\(slots[index].name) thaws and believes it still owns its players", at: now)
            case .up:
                guard let before = slots[index].refusedAtThaw, slots[index].coolsUntil <= now else { continue }
                slots[index].refusedAtThaw = nil
                let refused = slots[index].counts.refused - before
                slots[index].lastEvent = "\(refused) stale writes refused"
                note(.recovery, "\(slots[index].name) thawed: \(refused) stale writes refused by the store", at: now)
            case .starting(let since):
                guard now - since > Patience.start else { continue }
                slots[index].state = .crashed(until: now)
                actions.append(.kill(server: slots[index].name))
                fail("\(slots[index].name) did not come up in time", at: now)
            case .retiring(let since):
                guard now - since > Patience.drain else { continue }
                slots[index].state = .crashed(until: now)
                actions.append(.kill(server: slots[index].name))
                fail("\(slots[index].name) did not drain within \(Patience.drain.components.seconds) s", at: now)
            case .draining, .gone: continue
            }
        }
    }

    /// A player of a dead or frozen server is active again.
    mutating func rescued(_ player: Int, by number: Int, way: ServerReport.Way, at now: Duration) {
        guard var rescue = rescues[number], rescue.missing.remove(player) != nil else { return }
        let took = now - rescue.began
        rescue.slowest = max(rescue.slowest, took)
        if rescue.isCrash {
            tally.takeOverMillis.add(took)
            if way == .takeOver { tally.takeOvers += 1 }
        }
        rescues[number] = rescue.missing.isEmpty ? nil : rescue
        guard rescue.missing.isEmpty else { return }
        let slowest = Int((rescue.slowest / .milliseconds(1)).rounded())
        let text = "all \(rescue.players) players of \(rescue.server) back in \(slowest) ms (slowest)"
        note(.recovery, text, at: now)
    }
}

extension FleetDirector {
    /// Tells what a watch over Redis has seen.
    mutating func noteRedis(_ event: RedisWatch.Event, at now: Duration) {
        switch event {
        case .away: note(.crash, "Redis is away; play goes on, joins and hops wait", at: now)
        case .back: note(.recovery, "Redis is back", at: now)
        case .lostData: note(.crash, "Redis lost its data: leases are taken anew", at: now)
        }
    }
}
