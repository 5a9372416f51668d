/// What a run is asked to do, in numbers that the director decides by.
struct FleetSettings: Sendable, Equatable {
    var servers: Int
    var players: Int
    /// How long the fleet plays, before it settles and drains.
    var duration: Duration
    var seed: UInt64
    /// Nil = no crash is asked for.
    var crashEvery: Duration?
    /// Nil = no freeze is asked for.
    var freezeEvery: Duration?
    /// Nil = no rolling restart is asked for.
    var restartEvery: Duration?
    var lease: Duration
    var renew: Duration

    /// A freeze lasts well past the lease.
    var freezeLength: Duration { lease * 3 / 2 }
    /// A fault waits while it would leave fewer healthy servers than this.
    var minimumHealthy: Int { min(2, servers - 1) }
    /// The part of all players that is online on average.
    static let presentShare = 2.0 / 3
    /// The saves a second that the fleet aims at while nothing holds it up.
    static let wantedSavesPerSecond = 160.0
    /// The least average that counts as a run.
    static let leastSavesPerSecond = 100.0

    /// The first fault of a kind comes early enough for a short run to have one, then every `period`.
    func firstFault(every period: Duration) -> Duration {
        min(period, duration * 2 / 5)
    }

    /// Times of each kind a second, over the whole fleet.
    var hopsPerSecond: Double { servers > 1 ? min(Double(players) * 0.08, 14) : 0 }
    var leavesPerSecond: Double { min(Double(players) * 0.04, 7) }
    var joinsPerSecond: Double { min(max(Double(players) * 0.5, 10), 100) }
    var rewardsPerSecond: Double { min(Double(players) * 0.1, 18) }
    /// Of those that are begun across servers.
    var tradesPerSecond: Double { servers > 1 ? min(Double(players) * 0.1, 12) : 0 }
    var errandsPerSecond: Double { min(max(Double(players) * 0.15, 2), 12) }

    /// How many saves a second each present player should make, so that a fleet that was held up catches up.
    ///
    /// Never less than the wanted rate, never more than twice and a half of it, at most 25 a player.
    func pace(saves: Int, elapsed: Duration, present: Int) -> Double {
        let left = max((duration - elapsed) / .seconds(1), 0.5)
        let goal = Self.leastSavesPerSecond * 1.5 * (duration / .seconds(1))
        let needed = (goal - Double(saves)) / left
        let rate = min(max(needed, Self.wantedSavesPerSecond), Self.wantedSavesPerSecond * 2.5)
        return min(rate / Double(max(present, 1)), 25)
    }
}
