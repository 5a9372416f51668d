// What servers say.
extension FleetDirector {
    /// Takes one report of a server, received at `now`.
    mutating func receive(_ report: ServerReport, from server: String, at now: Duration) -> [FleetAction] {
        var actions: [FleetAction] = []
        let slot = slots.firstIndex { $0.name == server }
        switch report {
        case .up:
            guard let slot, case .starting = slots[slot].state else { break }
            slots[slot].state = .up
            slots[slot].lastEvent = "up"
            if phase == .playing { note(.server, "\(server) is up", at: now) }
        case .counts(let counts):
            tally.add(counts, since: lastCounts[server] ?? ServerCounts())
            lastCounts[server] = counts
            for id in counts.appliedIDs where owed.removeValue(forKey: id) == nil { appliedIDs.insert(id) }
            guard let slot, lives(slot) else { break }
            slots[slot].count(counts, at: now)
        case .shared(let counts):
            tally.add(counts, since: lastShared[server] ?? SharedCounts())
            lastShared[server] = counts
        case .joined(let name, let ticket, let way, let openMillis):
            joined(name, ticket: ticket, slot: slot, server, way: way, openMillis: openMillis, at: now, &actions)
        case .openFailed(let name, let ticket, let why):
            guard let player = current(name, ticket), case .opening(_, let reason) = players[player].state else {
                break
            }
            change(player, .waiting(until: now + .milliseconds(250), reason == .hop ? .join : reason), at: now)
            trouble("\(name) could not open on \(server): \(why)", at: now)
        case .ready(let name, let ticket):
            guard let player = current(name, ticket), case .preparing(let from, let target) = players[player].state
            else { break }
            if slots[target].takesPlayers(at: now) {
                open(player, .hop, in: target, at: now, &actions)
            } else {
                change(player, .active(slot: from), at: now)
                actions.append(.order(server: server, .resume(player: name, ticket: ticket)))
            }
        case .left(let name, let ticket):
            guard let player = current(name, ticket), case .leaving = players[player].state else { break }
            change(player, .away, at: now)
        case .ended(let name, let ticket, let why):
            ended(name, ticket: ticket, server, why: why, at: now)
        case .delivered(_, let id, _):
            guard let delivery = deliveries.removeValue(forKey: id) else { break }
            tally.delivered += 1
            if delivery.whileAway { tally.deliveredWhileAway += 1 }
            if appliedIDs.remove(id) == nil { owed[id] = delivery.player }
        case .deliverFailed(let name, let id, let why):
            guard deliveries[id]?.server == server else { break }
            deliveries[id]?.server = nil
            deliveries[id]?.retryAt = now + .milliseconds(250)
            trouble("a reward for \(name) has to be sent again: \(why)", at: now)
        case .drained(let problem):
            if let problem { fail("\(server) did not drain: \(problem)", at: now) }
        }
        return actions
    }

    /// A process is gone; `status` is 0 after a graceful end, else what it died of, in words.
    mutating func exited(_ server: String, cleanly: Bool, how: String, at now: Duration) -> [FleetAction] {
        var actions: [FleetAction] = []
        guard let slot = slots.firstIndex(where: { $0.name == server }) else { return [] }
        switch slots[slot].state {
        case .crashed, .gone: break
        case .draining:
            slots[slot].state = .gone
            slots[slot].lastEvent = cleanly ? "drained" : how
            if !cleanly { fail("\(server) \(how) while draining", at: now) }
        case .retiring:
            if cleanly {
                tally.restarts += 1
            } else {
                fail("\(server) \(how) while draining", at: now)
            }
            slots[slot].state = .crashed(until: now)
            slots[slot].lastEvent = cleanly ? "drained" : how
        case .starting, .up, .frozen:
            if cleanly, slots[slot].state == .up {
                note(.server, "\(server) was drained by an operator", at: now)
            } else {
                fail("\(server) \(how) without being told to", at: now)
            }
            guard phase != .draining else {
                slots[slot].state = .gone
                break
            }
            bury(slot, isCrash: false, at: now, &actions)
        }
        return actions
    }

    private mutating func joined(
        _ name: String, ticket: Int, slot: Int?, _ server: String, way: ServerReport.Way, openMillis: Double,
        at now: Duration, _ actions: inout [FleetAction]
    ) {
        guard let player = current(name, ticket), case .opening(let place, let reason) = players[player].state,
            place == slot
        else {
            // A late open, of a server that was frozen meanwhile: it must not keep a player who is elsewhere.
            if let slot, slots[slot].state == .up {
                actions.append(.order(server: server, .leave(player: name, ticket: ticket)))
            }
            return
        }
        change(player, .active(slot: place), at: now)
        tally.joinMillis.add(millis: openMillis)
        let rounded = (openMillis * 10).rounded() / 10
        switch reason {
        case .join:
            tally.joins += 1
            slots[place].lastEvent = "\(name) joined"
        case .hop:
            tally.hops += 1
            if way == .handOver { tally.handOverMillis.add(millis: openMillis) }
            slots[place].lastEvent = "\(name) hopped in, \(rounded) ms"
            if now - lastHopNotice >= .milliseconds(1_500) {
                lastHopNotice = now
                note(.hop, "\(name) hopped to \(server) in \(rounded) ms", at: now)
            }
        case .rescue(let number):
            slots[place].lastEvent = "\(name) is back"
            rescued(player, by: number, way: way, at: now)
        }
    }

    private mutating func ended(_ name: String, ticket: Int, _ server: String, why: String, at now: Duration) {
        guard let player = current(name, ticket), phase == .playing || phase == .settling else { return }
        switch players[player].state {
        case .away, .waiting, .opening: break
        case .leaving: change(player, .away, at: now)
        case .active, .preparing:
            change(player, .waiting(until: now + .milliseconds(150), .join), at: now)
            trouble("\(name) lost the session on \(server): \(why)", at: now)
        }
    }

    private func current(_ name: String, _ ticket: Int) -> Int? {
        guard let player = playerIndex[name], players[player].ticket == ticket else { return nil }
        return player
    }

    private func lives(_ slot: Int) -> Bool {
        switch slots[slot].state {
        case .starting, .up, .frozen, .retiring, .draining: true
        case .crashed, .gone: false
        }
    }

    /// Notes trouble, at most twice a second: an outage troubles everybody at once.
    private mutating func trouble(_ text: String, at now: Duration) {
        guard now - lastTrouble >= .milliseconds(500) else { return }
        lastTrouble = now
        note(.trouble, text, at: now)
    }
}
