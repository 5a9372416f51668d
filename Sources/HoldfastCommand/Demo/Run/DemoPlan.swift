import Foundation
import HoldfastStorage

/// A demo run as the operator asked for it, checked.
struct DemoPlan: Sendable {
    var fleet: FleetSettings
    var timings: DeploymentTimings
    var autosave: Duration
    /// Neither Redis nor store nor folder was named: everything lives in the run's own folder.
    var isPrivate: Bool
    var flushEvery: Duration?
    var sabotage: String?
    /// The executable of the first servers, where it is another build.
    var firstBuild: String?

    /// Scaled down, so that many lease generations fit in a minute.
    static let timings = DeploymentTimings(leaseMillis: 3_000, renewMillis: 1_000, beatMillis: 250)
    static let autosave: Duration = .seconds(2)

    init(_ verb: DemoVerb, _ settings: Settings) throws(CommandError) {
        guard (1...64).contains(verb.servers) else { throw .usage("--servers: 1 to 64, not \(verb.servers)") }
        guard (1...10_000).contains(verb.players) else { throw .usage("--players: 1 to 10000, not \(verb.players)") }
        if verb.noCrash, verb.crashEvery != nil { throw .usage("--crash-every and --no-crash exclude each other") }
        let duration = try Self.duration("--duration", verb.duration)
        guard duration >= .seconds(1), duration <= .seconds(86_400) else {
            throw .usage("--duration: 1s to 1d, not \(verb.duration)")
        }
        let crashEvery = try verb.noCrash ? nil : Self.duration("--crash-every", verb.crashEvery ?? "5s")
        let freezeEvery = try Self.optionalDuration("--freeze-every", verb.freezeEvery)
        let restartEvery = try Self.optionalDuration("--restart-every", verb.restartEvery)
        flushEvery = try Self.optionalDuration("--flush-every", verb.flushEvery)
        if freezeEvery ?? restartEvery != nil, verb.servers < 2 {
            let flag = freezeEvery == nil ? "--restart-every" : "--freeze-every"
            throw .usage("\(flag) needs at least two servers: nobody else could take the players")
        }
        firstBuild = verb.firstBuild.map(FileContent.absolute)
        if let firstBuild, !FileManager.default.isExecutableFile(atPath: firstBuild) {
            throw .usage("--first-build: \(firstBuild) is no executable file")
        }

        func isGiven(_ name: SettingName) -> Bool { settings.shown[name].map { $0.source != .byDefault } ?? false }
        timings = DeploymentTimings(
            leaseMillis: isGiven(.lease) ? settings.timings.leaseMillis : Self.timings.leaseMillis,
            renewMillis: isGiven(.renew) ? settings.timings.renewMillis : Self.timings.renewMillis,
            beatMillis: isGiven(.beat) ? settings.timings.beatMillis : Self.timings.beatMillis)
        guard timings.beatMillis <= timings.renewMillis, timings.renewMillis * 2 <= timings.leaseMillis else {
            throw .usage("the demo's times must satisfy beat <= renew <= lease / 2 (\(Stores.text(timings)))")
        }
        autosave = isGiven(.autosave) ? settings.autosave : Self.autosave
        isPrivate = !isGiven(.redis) && !isGiven(.store) && !isGiven(.dataDir)
        if settings.store == .memory {
            throw .configuration("memory: lives in one process only; the fleet needs sqlite:PATH or postgres://…")
        }
        sabotage = verb.sabotage
        fleet = FleetSettings(
            servers: verb.servers, players: verb.players, duration: duration,
            seed: verb.seed ?? UInt64.random(in: 1...999_999), crashEvery: crashEvery, freezeEvery: freezeEvery,
            restartEvery: restartEvery, lease: .milliseconds(timings.leaseMillis),
            renew: .milliseconds(timings.renewMillis))
    }

    private static func duration(_ flag: String, _ text: String) throws(CommandError) -> Duration {
        guard let duration = DurationText.parse(text), duration > .zero else {
            throw .usage("\(flag): expected a duration such as 500ms, 30s or 5m, not \(text.debugDescription)")
        }
        return duration
    }

    private static func optionalDuration(_ flag: String, _ text: String?) throws(CommandError) -> Duration? {
        guard let text else { return nil }
        return try duration(flag, text)
    }

    /// Takes the times of a deployment that exists already.
    mutating func adopt(_ timings: DeploymentTimings) {
        self.timings = timings
        fleet.lease = .milliseconds(timings.leaseMillis)
        fleet.renew = .milliseconds(timings.renewMillis)
    }
}
