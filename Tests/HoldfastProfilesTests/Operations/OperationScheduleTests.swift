import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("What is due of a profile's operations")
struct OperationScheduleTests {
    private func operation(
        _ id: String, state: OperationState = .pending, expires: Int64? = nil, due: Int64? = nil, begun: Bool = false
    ) throws -> OperationRecord {
        OperationRecord(
            record: RecordID(collection: try CollectionName("players"), key: Key(1)), id: try OperationID(id),
            type: "t", payload: [0x31], state: state, attempts: 0, lastError: nil, sequence: 1, deliveredAtMillis: 0,
            finishedAtMillis: nil, expiresAtMillis: expires, dueAtMillis: due, progress: begun ? [0x31] : nil)
    }

    @Test("one that waits keeps nobody back, and the order of delivery holds among the others")
    func order() throws {
        let rows = [
            try operation("first"), try operation("waits", due: 101), try operation("third", due: 100),
            try operation("settled", state: .applied), try operation("fourth"),
        ]
        let schedule = OperationSchedule(rows, now: 100)
        #expect(schedule.ready.map(\.id.description) == ["first", "third", "fourth"])
        #expect(schedule.expired.isEmpty && schedule.nextMillis == 101)
        #expect(OperationSchedule(rows, now: 101).ready.map(\.id.description) == ["first", "waits", "third", "fourth"])
        #expect(OperationSchedule(rows, now: 101).nextMillis == nil)
    }

    @Test("one whose time is over expires, also while it waits, unless its steps have begun")
    func expiry() throws {
        let rows = [
            try operation("over", expires: 100), try operation("waiting", expires: 90, due: 500),
            try operation("begun", expires: 50, begun: true), try operation("in time", expires: 101),
        ]
        let schedule = OperationSchedule(rows, now: 100)
        #expect(schedule.expired.map(\.id.description) == ["over", "waiting"])
        #expect(schedule.ready.map(\.id.description) == ["begun", "in time"])
        #expect(schedule.nextMillis == nil)
    }

    @Test("the next look is due when one becomes ready or expires, whatever is first")
    func next() throws {
        #expect(OperationSchedule([try operation("a", expires: 300, due: 500)], now: 1).nextMillis == 300)
        #expect(OperationSchedule([try operation("a", expires: 300, due: 200)], now: 1).nextMillis == 200)
        #expect(OperationSchedule([try operation("a", expires: 30, due: 500, begun: true)], now: 31).nextMillis == 500)
        #expect(OperationSchedule([], now: 1).nextMillis == nil)
    }

    @Test("pauses double up to the longest one, and end with the last attempt")
    func pauses() {
        let policy = OperationPolicy(maximumAttempts: 6, firstPause: .seconds(1), longestPause: .seconds(5))
        #expect(
            (1...6).map { policy.pause(after: $0) } == [
                .seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5), nil,
            ])
        let patient = OperationPolicy(
            maximumAttempts: .max, firstPause: .milliseconds(1), longestPause: .seconds(86_400))
        #expect(patient.pause(after: 1_000_000) == .seconds(86_400))
        #expect(OperationPolicy(maximumAttempts: 1).pause(after: 1) == nil)
    }

    @Test(
        "a policy that makes no sense is refused",
        arguments: [
            OperationPolicy(maximumAttempts: 0), OperationPolicy(firstPause: .seconds(-1)),
            OperationPolicy(firstPause: .seconds(2), longestPause: .seconds(1)), OperationPolicy(maximumSteps: 0),
            OperationPolicy(longestPause: .seconds(401 * 86_400)),
        ])
    func refuses(policy: OperationPolicy) {
        var options = CollectionOptions<Player> { _ in Player() }
        let error = #expect(throws: ProfileError.self) { try options.handle(GrantCoins.self, policy: policy) }
        #expect(error?.code == .badInput)
    }
}
