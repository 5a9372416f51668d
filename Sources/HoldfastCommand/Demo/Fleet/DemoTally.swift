import HoldfastVerifier

/// Everything a run counts, and whether it counts as a run at all.
struct DemoTally: Sendable, Equatable {
    var joins = 0
    var hops = 0
    var edits = 0
    var saves = 0
    var trades = 0
    /// Of the trades those whose sides were on two servers, and those that were aborted; known in the end.
    var tradesAcross = 0, tradesAborted = 0
    var delivered = 0
    var deliveredWhileAway = 0
    var applied = 0
    /// Scores and announcements that the store has acknowledged.
    var scores = 0, announcements = 0
    /// How often a server heard an announcement.
    var heard = 0
    /// Operations that ended otherwise than applied, and steps of stepped ones; known in the end.
    var cancelled = 0, expired = 0, dead = 0, steps = 0
    /// Worlds that the store has in the end, and acknowledged saves of them.
    var worlds = 0, worldSaves = 0
    /// How often a player came into the world that her server hosts, how often a world went from one server to another,
    /// and how often of these from a dead one; known in the end.
    var worldVisits = 0, worldHandOvers = 0, worldTakeOvers = 0
    var refused = 0
    var ambiguous = 0
    var crashes = 0
    var freezes = 0
    /// Servers that drained under load and were replaced.
    var restarts = 0
    /// Players of a killed server that came back by taking over its lease.
    var takeOvers = 0
    var handOverMillis = LatencySamples()
    var takeOverMillis = LatencySamples()
    var joinMillis = LatencySamples()
    var saveMillis = LatencySamples()
    /// How long the fleet played, and what it saved in that time.
    var playTime: Duration = .zero
    var savesInPlay = 0

    /// Adds what a server counted since `earlier`.
    mutating func add(_ counts: ServerCounts, since earlier: ServerCounts) {
        edits += counts.edits - earlier.edits
        saves += counts.saves - earlier.saves
        trades += counts.trades - earlier.trades
        applied += counts.applied - earlier.applied
        refused += counts.refused - earlier.refused
        ambiguous += counts.ambiguous - earlier.ambiguous
        for micros in counts.saveMicros { saveMillis.add(millis: Double(micros) / 1_000) }
    }

    /// Adds what a server counted of boards, announcements and worlds since `earlier`.
    mutating func add(_ counts: SharedCounts, since earlier: SharedCounts) {
        scores += counts.scores - earlier.scores
        announcements += counts.announcements - earlier.announcements
        heard += counts.heard - earlier.heard
        worldSaves += counts.worldSaves - earlier.worldSaves
    }

    /// Takes the journals' word for what a killed server had no time to report.
    mutating func correct(by seen: Verdict.Seen) {
        saves = max(saves, seen.saves)
        trades = max(trades, seen.trades)
        applied = max(applied, seen.applied)
        refused = max(refused, seen.refused)
        scores = max(scores, seen.scores)
        announcements = max(announcements, seen.announcements)
        heard = max(heard, seen.heard)
        delivered = max(delivered, seen.deliveries)
        (tradesAcross, tradesAborted) = (seen.tradesAcross, seen.tradesAborted)
        (cancelled, expired, dead, steps) = (seen.cancelled, seen.expired, seen.dead, seen.steps)
        worlds = seen.worlds
        worldSaves = max(worldSaves, seen.worldSaves)
        (worldVisits, worldHandOvers, worldTakeOvers) = (seen.worldVisits, seen.worldHandOvers, seen.worldTakeOvers)
    }

    var savesPerSecond: Double {
        playTime > .zero ? Double(savesInPlay) / (playTime / .seconds(1)) : 0
    }

    /// Why the run proves nothing, in sentences; empty when every fault that was asked for bit.
    func reasonsVoid(_ settings: FleetSettings) -> [String] {
        var reasons: [String] = []
        if settings.crashEvery != nil, takeOvers == 0 {
            reasons.append(
                "crashes were asked for, and no player was taken over from a killed server (\(crashes) killed)")
        }
        if settings.freezeEvery != nil, refused == 0 {
            reasons.append("freezes were asked for, and no stale write was refused (\(freezes) frozen)")
        }
        if settings.restartEvery != nil, restarts < settings.servers {
            reasons.append(
                "a rolling restart was asked for, and \(restarts) of \(settings.servers) servers were restarted")
        }
        if scores == 0 { reasons.append("no score was acknowledged") }
        if worldSaves == 0 { reasons.append("no save of a world was acknowledged") }
        if announcements == 0 || heard == 0 {
            reasons.append("\(announcements) announcements were acknowledged and \(heard) were heard")
        }
        if savesPerSecond < FleetSettings.leastSavesPerSecond {
            let rate = (savesPerSecond * 10).rounded() / 10
            reasons.append("\(rate) saves a second on average; a run needs \(Int(FleetSettings.leastSavesPerSecond))")
        }
        return reasons
    }
}
