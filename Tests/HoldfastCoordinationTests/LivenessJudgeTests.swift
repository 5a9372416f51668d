import HoldfastCoordination
import Testing

@Suite("When an absent beat is a death")
struct LivenessJudgeTests {
    private let start = ContinuousClock.now
    private let timeToLive: Duration = .seconds(3)

    private func judge(beats: [(seconds: Double, run: String)]) -> LivenessJudge {
        var judge = LivenessJudge(timeToLive: timeToLive, interval: .seconds(1))
        for beat in beats { _ = answer(&judge, beat.seconds, run: beat.run) }
        return judge
    }

    private func answer(
        _ judge: inout LivenessJudge, _ seconds: Double, run: String, took: Double = 0, forgot: Bool = false
    ) -> Bool {
        let sent = start + .seconds(seconds)
        return judge.acknowledged(sent: sent, received: sent + .seconds(took), run: run, forgot: forgot)
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
        let changed = answer(&judge, 4, run: "s")
        #expect(changed)
        #expect(!judge.mayJudge(now: start + .seconds(4)))
        let changedAgain = answer(&judge, 5, run: "s")
        #expect(!changedAgain)
    }

    @Test("a verdict needs a recent beat of one's own")
    func needsRecentBeat() {
        let judge = judge(beats: [(0, "r"), (1, "r"), (2, "r"), (3, "r")])
        #expect(judge.mayJudge(now: start + .seconds(5)))
        #expect(!judge.mayJudge(now: start + .seconds(5.1)))
        #expect(judge.beatDeadline == start + .seconds(6))
    }

    @Test("an answer that was late, or that shows a lost beat, starts the streak anew")
    func lateAndForgotten() {
        let beats = [(0.0, "r"), (1, "r"), (2, "r"), (3, "r")]
        var late = judge(beats: beats)
        _ = answer(&late, 4, run: "r", took: 1.5)
        #expect(!late.mayJudge(now: start + .seconds(5.5)))
        var forgotten = judge(beats: beats)
        _ = answer(&forgotten, 4, run: "r", forgot: true)
        #expect(!forgotten.mayJudge(now: start + .seconds(4)))
    }
}
