import HoldfastCoordination
import Testing

@Suite("When an absent beat is a death")
struct LivenessJudgeTests {
    private let start = ContinuousClock.now
    private let timeToLive: Duration = .seconds(3)

    private func judge(beats: [(seconds: Double, run: String)]) -> LivenessJudge {
        var judge = LivenessJudge(timeToLive: timeToLive)
        for beat in beats { _ = judge.acknowledged(sent: start + .seconds(beat.seconds), run: beat.run) }
        return judge
    }

    @Test("nothing may be judged before a streak of one time to live")
    func needsStreak() {
        let judge = judge(beats: [(0, "r"), (1, "r"), (2, "r")])
        #expect(!judge.mayJudge(now: start + .seconds(2)))
        #expect(self.judge(beats: [(0, "r"), (1, "r"), (2, "r"), (3, "r")]).mayJudge(now: start + .seconds(3)))
    }

    @Test("a gap longer than the time to live starts the streak anew: a paused Redis frees nothing")
    func gapStartsAnew() {
        let beats = [(0.0, "r"), (1, "r"), (2, "r"), (3, "r"), (6.5, "r")]
        #expect(!judge(beats: beats).mayJudge(now: start + .seconds(6.5)))
        #expect(judge(beats: beats + [(8, "r"), (9.5, "r")]).mayJudge(now: start + .seconds(9.5)))
    }

    @Test("another run of Redis starts the streak anew and is reported")
    func runChange() {
        var judge = judge(beats: [(0, "r"), (1, "r"), (2, "r"), (3, "r")])
        let changed = judge.acknowledged(sent: start + .seconds(4), run: "s")
        #expect(changed)
        #expect(!judge.mayJudge(now: start + .seconds(4)))
        let changedAgain = judge.acknowledged(sent: start + .seconds(5), run: "s")
        #expect(!changedAgain)
    }

    @Test("a verdict needs a recent beat of one's own")
    func needsRecentBeat() {
        let judge = judge(beats: [(0, "r"), (1, "r"), (2, "r"), (3, "r")])
        #expect(judge.mayJudge(now: start + .seconds(6)))
        #expect(!judge.mayJudge(now: start + .seconds(6.1)))
        #expect(judge.beatDeadline == start + .seconds(6))
    }
}
