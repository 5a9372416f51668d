import ModelTesting
import Testing

@testable import HoldfastRedis

@Suite("Reconnecting")
struct ReconnectStateTests {
    /// Draws the upper bound each time.
    private struct Highest: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    private var highest = Highest()
    private let now = ContinuousClock.now

    private func isClose(_ left: Duration, _ right: Duration) -> Bool {
        abs((left - right) / .milliseconds(1)) < 0.01
    }

    @Test("rests double from the lower to the upper bound")
    mutating func doubling() {
        var state = ReconnectState(minimum: .milliseconds(10), maximum: .seconds(2))
        let rests = (0..<10).map { _ in state.failed(permanently: false, using: &highest) }
        let expected = [10, 20, 40, 80, 160, 320, 640, 1280, 2000, 2000].map { Duration.milliseconds($0) }
        for (rest, bound) in zip(rests, expected) { #expect(isClose(rest, bound)) }
        #expect(state.phase == .resting)
    }

    @Test("rests are spread over the whole range below the bound")
    func jitter() {
        var generator = SeededGenerator(seed: 1)
        let rests = (0..<200).map { _ in
            var state = ReconnectState(minimum: .milliseconds(100), maximum: .seconds(2))
            return state.failed(permanently: false, using: &generator)
        }
        #expect(rests.allSatisfy { .zero <= $0 && $0 <= .milliseconds(100) })
        #expect(rests.contains { $0 < .milliseconds(20) } && rests.contains { $0 > .milliseconds(80) })
    }

    @Test("a connection that lasted starts over, one that broke at once does not")
    mutating func lasting() {
        var state = ReconnectState(minimum: .milliseconds(10), maximum: .seconds(2))
        for _ in 0..<5 { _ = state.failed(permanently: false, using: &highest) }
        state.attempt()
        #expect(state.phase == .connecting)
        state.connected(at: now)
        #expect(isClose(state.lost(at: now + .milliseconds(1), using: &highest), .milliseconds(320)))
        state.connected(at: now)
        #expect(isClose(state.lost(at: now + .seconds(3), using: &highest), .milliseconds(10)))
    }

    @Test("refused credentials are tried again slowly")
    mutating func permanent() {
        var state = ReconnectState(minimum: .milliseconds(10), maximum: .seconds(2))
        #expect(state.failed(permanently: true, using: &highest) == .seconds(2))
    }
}
