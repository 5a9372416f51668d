import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("The pace of autosaves")
struct AutosavePaceTests {
    private let start = ContinuousClock.now
    private let interval = Duration.seconds(60)

    /// How many saves begin in each second when these sessions change all the time from `changed` on.
    private func saves(_ numbers: some Sequence<Int>, changed: Int, seconds: Int) -> [Int] {
        var saves = [Int](repeating: 0, count: seconds)
        for number in numbers {
            let pace = AutosavePace(number: UInt64(number), start: start)
            var since = start + .seconds(changed)
            for second in changed..<seconds {
                let now = start + .seconds(second)
                guard pace.isDue(since: since, interval: interval, now: now) else { continue }
                #expect(now - since <= interval + .seconds(1))
                saves[second] += 1
                since = now
            }
        }
        return saves
    }

    @Test(
        "sessions that change at once, whenever that is, are saved evenly over the interval",
        arguments: [0, 7, 100, 3_601]
    )
    func spread(changed: Int) {
        let saves = saves(0..<2_000, changed: changed, seconds: changed + 240)
        // 2,000 in 57 seconds; the first three seconds after the change have none.
        #expect(saves.max() ?? 0 <= 2 * 2_000 / 60)
        #expect(saves[(changed + 4)...].min() ?? 0 >= 2_000 / 60 / 2)
    }

    @Test("what is left of the sessions when others have gone is spread evenly, too")
    func remaining() {
        let saves = saves(stride(from: 0, to: 8_000, by: 4), changed: 0, seconds: 180)
        #expect(saves.max() ?? 0 <= 2 * 2_000 / 60)
    }

    @Test("no change is saved at once, and none later than the interval; in doubt all are due")
    func bounds() {
        var random = SystemRandomNumberGenerator()
        for number in 0..<500 {
            let pace = AutosavePace(number: UInt64(number), start: start)
            let since = start + .milliseconds(Int64.random(in: 0...10_000_000, using: &random))
            #expect(!pace.isDue(since: since, interval: interval, now: since + .seconds(2)))
            #expect(pace.isDue(since: since, interval: interval, now: since + interval))
            #expect(pace.isDue(since: since, interval: .zero, now: since))
        }
    }

    @Test("a failed save is tried again after the pause of its class, at most an interval later")
    func failures() {
        var pace = AutosavePace(number: 1, start: start)
        let now = start + interval
        func isDue(after wait: Duration) -> Bool { pace.isDue(since: start, interval: interval, now: now + wait) }
        #expect(isDue(after: .zero))
        pace.failed(.unavailable, interval: interval, now: now, chance: 1)
        #expect(!isDue(after: .milliseconds(19)) && isDue(after: .milliseconds(20)))
        pace.saved()
        pace.failed(.badInput, interval: interval, now: now, chance: 1)
        #expect(!isDue(after: .milliseconds(4_999)) && isDue(after: .seconds(5)))
        for _ in 0..<30 { pace.failed(.badInput, interval: .seconds(7), now: now, chance: 1) }
        #expect(!isDue(after: .milliseconds(6_999)) && isDue(after: .seconds(7)))
        pace.saved()
        #expect(isDue(after: .zero))
    }
}
