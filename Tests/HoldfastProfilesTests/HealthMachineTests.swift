import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite struct HealthMachineTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(1) * seconds }

    private func critical() -> HealthMachine {
        var machine = HealthMachine(policy: HealthPolicy())
        for second in 0..<5 { _ = machine.failed(.store, code: "unavailable", now: at(Double(second))) }
        return machine
    }

    @Test("the fifth failure within two minutes is critical, and said once")
    func fifth() {
        var machine = HealthMachine(policy: HealthPolicy())
        for second in [0.0, 20, 40, 119] {
            #expect(machine.failed(.redis, code: "unavailable", now: at(second)) == nil)
        }
        #expect(!machine.health.isCritical)
        #expect(machine.failed(.store, code: "deadline", now: at(119.5)) == .becameCritical)
        #expect(machine.health.isCritical)
        #expect(machine.health.redisFailures == 4 && machine.health.storeFailures == 1)
        #expect(machine.health.lastFailure == "store deadline")
        #expect(machine.failed(.store, code: "deadline", now: at(121)) == nil)
    }

    @Test("failures that are further apart than the window are none together")
    func window() {
        var machine = HealthMachine(policy: HealthPolicy())
        for second in stride(from: 0.0, to: 2_000, by: 31) {
            #expect(machine.failed(.redis, code: "unavailable", now: at(second)) == nil)
        }
        #expect(!machine.health.isCritical)
        #expect(machine.health.redisFailures == 4)
    }

    @Test("what fails together on one side counts once, and the other side counts by itself")
    func burst() {
        var machine = HealthMachine(policy: HealthPolicy())
        for call in 0..<1_000 {
            #expect(machine.failed(.redis, code: "unavailable", now: at(Double(call) / 1_001)) == nil)
        }
        #expect(machine.failed(.store, code: "unavailable", now: at(0.9995)) == nil)
        #expect(machine.health.redisFailures == 1 && machine.health.storeFailures == 1)
    }

    @Test("a burst that goes on counts once a second, so an outage is critical after four")
    func longOutage() {
        var machine = HealthMachine(policy: HealthPolicy())
        var changes: [Double] = []
        for call in 0..<100 {
            let second = Double(call) / 10
            if machine.failed(.store, code: "unavailable", now: at(second)) != nil { changes.append(second) }
        }
        #expect(changes == [4])
    }

    @Test("a minute without a failure is a recovery, and what failed before counts no more")
    func recovery() {
        var machine = critical()
        #expect(machine.passed(now: at(63.9)) == nil)
        #expect(machine.health.isCritical)
        #expect(machine.passed(now: at(64)) == .recovered)
        #expect(!machine.health.isCritical)
        #expect(machine.passed(now: at(65)) == nil)
        for second in [66.0, 68, 70, 72] {
            #expect(machine.failed(.store, code: "unavailable", now: at(second)) == nil)
        }
        #expect(machine.failed(.store, code: "unavailable", now: at(74)) == .becameCritical)
    }

    @Test("a failure that is still within its burst keeps a server from recovering")
    func stillFailing() {
        var machine = critical()
        _ = machine.failed(.store, code: "unavailable", now: at(4.5))
        #expect(machine.passed(now: at(64.4)) == nil)
        #expect(machine.passed(now: at(64.5)) == .recovered)
    }

    @Test(
        "a policy that could never be met is refused",
        arguments: [
            { (policy: inout HealthPolicy) in policy.failures = 0 }, { $0.window = .zero }, { $0.recovery = .zero },
            { $0.burst = .seconds(120) }, { $0.burst = .seconds(-1) },
        ] as [@Sendable (inout HealthPolicy) -> Void])
    func badPolicy(_ change: @Sendable (inout HealthPolicy) -> Void) {
        var policy = HealthPolicy()
        #expect(policy.isValid)
        change(&policy)
        #expect(!policy.isValid)
    }
}
