import HoldfastVerifier
import Testing

@testable import HoldfastCommand

struct DemoTallyTests {
    private func tally(saves: Int, seconds: Int = 10) -> DemoTally {
        var tally = DemoTally()
        tally.savesInPlay = saves
        tally.playTime = .seconds(seconds)
        tally.scores = 1
        tally.announcements = 1
        tally.heard = 1
        tally.worldSaves = 1
        return tally
    }

    @Test("a run in which every requested fault bit is no void run")
    func complete() {
        var tally = tally(saves: 1_000)
        tally.takeOvers = 1
        tally.refused = 1
        let settings = FleetSettings.sample(crashEvery: .seconds(5), freezeEvery: .seconds(5))
        #expect(tally.reasonsVoid(settings).isEmpty)
    }

    @Test("crashes without a take-over are void, unless none were asked for")
    func noTakeOver() {
        let tally = tally(saves: 1_000)
        #expect(tally.reasonsVoid(.sample(crashEvery: .seconds(5))).count == 1)
        #expect(tally.reasonsVoid(.sample()).isEmpty)
    }

    @Test("freezes without a refused write are void, unless none were asked for")
    func noRefusal() {
        #expect(tally(saves: 1_000).reasonsVoid(.sample(freezeEvery: .seconds(5))).count == 1)
    }

    @Test("fewer than a hundred saves a second are void", arguments: [(999, 1), (1_000, 0), (0, 1)])
    func tooSlow(saves: Int, reasons: Int) {
        #expect(tally(saves: saves).reasonsVoid(.sample()).count == reasons)
    }

    @Test("a run that never played is void")
    func neverPlayed() {
        #expect(DemoTally().reasonsVoid(.sample()).count == 4)
    }

    @Test("a run without a score, a saved world, or an announcement that was heard, is void")
    func nothingShared() {
        for field in [\DemoTally.scores, \.announcements, \.heard, \.worldSaves] {
            var tally = tally(saves: 1_000)
            tally[keyPath: field] = 0
            #expect(tally.reasonsVoid(.sample()).count == 1)
        }
    }

    @Test("the journals know more scores and announcements than a killed server has told")
    func corrected() {
        var tally = tally(saves: 1_000)
        tally.add(SharedCounts(scores: 9, announcements: 2, heard: 5), since: SharedCounts(scores: 4))
        #expect(tally.scores == 6 && tally.announcements == 3 && tally.heard == 6)
        var seen = Verdict.Seen()
        (seen.scores, seen.announcements, seen.heard) = (8, 1, 7)
        (seen.worldVisits, seen.worldHandOvers, seen.worldTakeOvers) = (4, 3, 1)
        tally.correct(by: seen)
        #expect(tally.worldVisits == 4 && tally.worldHandOvers == 3 && tally.worldTakeOvers == 1)
        #expect(tally.scores == 8 && tally.announcements == 3 && tally.heard == 7)
    }

    @Test("counts of a server add up from report to report")
    func deltas() {
        var tally = DemoTally()
        tally.add(ServerCounts(edits: 5, saves: 2, saveMicros: [1_000]), since: ServerCounts())
        tally.add(ServerCounts(edits: 9, saves: 3, saveMicros: [3_000]), since: ServerCounts(edits: 5, saves: 2))
        #expect(tally.edits == 9 && tally.saves == 3)
        #expect(tally.saveMillis.summary == LatencySamples.Summary(p50: 1, p99: 3, max: 3))
    }

    @Test("percentiles are those of the nearest rank")
    func percentiles() {
        var samples = LatencySamples()
        #expect(samples.summary == LatencySamples.Summary(p50: 0, p99: 0, max: 0))
        for value in (1...200).reversed() { samples.add(millis: Double(value)) }
        #expect(samples.summary == LatencySamples.Summary(p50: 100, p99: 198, max: 200))
        #expect(samples.count == 200)
    }

    @Test("a fleet that was held up is asked to catch up, within bounds")
    func pace() {
        let settings = FleetSettings.sample(players: 200, duration: .seconds(20))
        let calm = settings.pace(saves: 2_000, elapsed: .seconds(10), present: 100)
        let late = settings.pace(saves: 100, elapsed: .seconds(12), present: 100)
        #expect(calm == FleetSettings.wantedSavesPerSecond / 100)
        #expect(late > calm && late <= calm * 2.5)
        #expect(settings.pace(saves: 0, elapsed: .seconds(19), present: 1) <= 25)
    }
}
