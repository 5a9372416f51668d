import HoldfastCoordination
import HoldfastStorage
import Testing

@Suite("The steps of an open")
struct ClaimMachineTests {
    private let start = ContinuousClock.now
    private let boot = RandomID(high: 1, low: 1)
    private let other = Owner(nonce: RandomID(high: 2, low: 1), server: "b", boot: RandomID(high: 2, low: 2))

    private func machine(waits: Bool = true, seconds: Int = 20) -> ClaimMachine {
        ClaimMachine(
            boot: boot, deadline: start + .seconds(seconds), poll: .milliseconds(250), renewal: .seconds(10),
            waits: waits
        )
    }

    private func held(by owner: Owner) -> AcquireReply {
        .held(LeaseDescription(owner: owner, token: 4, sinceMillis: 0, remaining: .seconds(30), wantedBy: nil))
    }

    private func row(fence: Int64, owner: Owner?) -> SealOutcome {
        .stale(RowState(version: 3, fence: fence, owner: owner, saveID: nil))
    }

    private let sealed = SealOutcome.sealed(
        SealedRecord(version: 0, saveID: nil, document: .none, createdAtMillis: 0, updatedAtMillis: 0, pending: [])
    )

    @Test("a free lease is sealed, and that is all")
    func free() {
        var machine = machine()
        #expect(machine.start() == .acquire(floor: 0, deadBoot: nil))
        let action = machine.acquired(.acquired(token: 7, hot: nil, tookOverDeadBoot: false)) { _ in false }
        #expect(action == .seal(token: 7, hot: nil))
        #expect(machine.sealed(sealed, now: start) == .done)
        #expect(machine.origin == .free)
    }

    @Test("a live holder is asked and waited for; its release makes this a hand-over")
    func handOver() {
        var machine = machine()
        #expect(machine.acquired(held(by: other)) { _ in false } == .checkHolder(other))
        #expect(
            machine.holderChecked(beats: other.boot, mayJudge: true, now: start)
                == .askAndWait(holder: other, until: start + .milliseconds(250))
        )
        #expect(machine.woke(now: start + .milliseconds(3)) == .acquire(floor: 0, deadBoot: nil))
        _ = machine.acquired(.acquired(token: 8, hot: nil, tookOverDeadBoot: false)) { _ in false }
        #expect(machine.origin == .handOver(from: "b"))
    }

    @Test("an absent beat frees a lease only when this server may judge, and the script compares the boot")
    func takeOver() {
        var machine = machine()
        _ = machine.acquired(held(by: other)) { _ in false }
        #expect(
            machine.holderChecked(beats: nil, mayJudge: false, now: start) == .wait(until: start + .milliseconds(250))
        )
        #expect(
            machine.holderChecked(beats: nil, mayJudge: true, now: start) == .acquire(floor: 0, deadBoot: other.boot)
        )
        _ = machine.acquired(.acquired(token: 8, hot: nil, tookOverDeadBoot: true)) { _ in false }
        #expect(machine.origin == .takeOver(from: "b"))
    }

    @Test("a restarted server's new boot does not keep its old lease alive")
    func restartedHolder() {
        var machine = machine()
        _ = machine.acquired(held(by: other)) { _ in false }
        let action = machine.holderChecked(beats: RandomID(high: 9, low: 9), mayJudge: true, now: start)
        #expect(action == .acquire(floor: 0, deadBoot: other.boot))
    }

    @Test("a lease that an earlier open of this process left behind is released")
    func stray() {
        let mine = Owner(nonce: RandomID(high: 5, low: 5), server: "a", boot: boot)
        var machine = machine()
        #expect(machine.acquired(held(by: mine)) { _ in false } == .releaseStray(nonce: mine.nonce))
        #expect(machine.acquired(held(by: mine)) { $0 == mine.nonce } == .checkHolder(mine))
    }

    @Test("◆ a stale seal asks the row's owner, waits at most one renewal, then mints above the store's fence")
    func staleSeal() {
        var machine = machine()
        _ = machine.acquired(.acquired(token: 1, hot: nil, tookOverDeadBoot: false)) { _ in false }
        #expect(machine.sealed(row(fence: 40, owner: other), now: start) == .checkHolder(other))
        #expect(
            machine.holderChecked(beats: other.boot, mayJudge: true, now: start)
                == .askAndWait(holder: other, until: start + .seconds(10))
        )
        #expect(machine.woke(now: start + .seconds(10)) == .acquire(floor: 40, deadBoot: nil))
        _ = machine.acquired(.acquired(token: 41, hot: nil, tookOverDeadBoot: false)) { _ in false }
        #expect(machine.origin == .handOver(from: "b"))
        // Asked once; a second refusal goes straight on.
        #expect(machine.sealed(row(fence: 44, owner: other), now: start) == .acquire(floor: 44, deadBoot: nil))
        #expect(machine.sealed(row(fence: 43, owner: nil), now: start) == .acquire(floor: 44, deadBoot: nil))
    }

    @Test("the owner of a row whose server is dead is not waited for, and this is a take-over")
    func staleSealOfTheDead() {
        var machine = machine()
        _ = machine.acquired(.acquired(token: 1, hot: nil, tookOverDeadBoot: false)) { _ in false }
        _ = machine.sealed(row(fence: 40, owner: other), now: start)
        #expect(
            machine.holderChecked(beats: nil, mayJudge: true, now: start) == .acquire(floor: 40, deadBoot: other.boot)
        )
        _ = machine.acquired(.acquired(token: 41, hot: nil, tookOverDeadBoot: false)) { _ in false }
        #expect(machine.origin == .takeOver(from: "b"))
    }

    @Test("while nobody may be judged the owner of a row is looked up again, for one renewal at most")
    func staleSealUnjudged() {
        var machine = machine()
        _ = machine.acquired(.acquired(token: 1, hot: nil, tookOverDeadBoot: false)) { _ in false }
        _ = machine.sealed(row(fence: 40, owner: other), now: start)
        let soon = start + .milliseconds(250)
        #expect(machine.holderChecked(beats: nil, mayJudge: false, now: start) == .wait(until: soon))
        #expect(machine.woke(now: soon) == .checkHolder(other))
        // A failed look-up changes nothing of that.
        _ = machine.failed(isRetriable: true, now: soon, jitter: 0)
        #expect(machine.woke(now: soon) == .checkHolder(other))
        let end = start + .seconds(10)
        #expect(machine.holderChecked(beats: nil, mayJudge: false, now: end) == .acquire(floor: 40, deadBoot: nil))
        #expect(machine.woke(now: end) == .acquire(floor: 40, deadBoot: nil))
    }

    @Test("an open that does not wait leaves a live holder alone that only the store still knows")
    func staleSealWithoutWaiting() {
        var machine = machine(waits: false)
        _ = machine.acquired(.acquired(token: 1, hot: nil, tookOverDeadBoot: false)) { _ in false }
        #expect(machine.sealed(row(fence: 40, owner: other), now: start) == .checkHolder(other))
        #expect(machine.holderChecked(beats: other.boot, mayJudge: true, now: start) == .fail(.held(by: other)))
    }

    @Test("a lease that another took meanwhile is a held lease again")
    func staleThenHeld() {
        let third = Owner(nonce: RandomID(high: 3, low: 1), server: "c", boot: RandomID(high: 3, low: 2))
        var machine = machine()
        _ = machine.acquired(.acquired(token: 1, hot: nil, tookOverDeadBoot: false)) { _ in false }
        _ = machine.sealed(row(fence: 40, owner: other), now: start)
        _ = machine.holderChecked(beats: other.boot, mayJudge: true, now: start)
        #expect(machine.woke(now: start + .seconds(1)) == .acquire(floor: 40, deadBoot: nil))
        #expect(machine.acquired(held(by: third)) { _ in false } == .checkHolder(third))
        let now = start + .seconds(1)
        #expect(
            machine.holderChecked(beats: third.boot, mayJudge: true, now: now)
                == .askAndWait(holder: third, until: now + .milliseconds(250))
        )
    }

    @Test("a holder that never lets go is named at the deadline; without waiting at once")
    func deadline() {
        var patient = machine(seconds: 1)
        _ = patient.acquired(held(by: other)) { _ in false }
        _ = patient.holderChecked(beats: other.boot, mayJudge: true, now: start)
        #expect(patient.woke(now: start + .seconds(1)) == .fail(.held(by: other)))
        var impatient = machine(waits: false)
        _ = impatient.acquired(held(by: other)) { _ in false }
        #expect(impatient.holderChecked(beats: other.boot, mayJudge: true, now: start) == .fail(.held(by: other)))
    }

    @Test("failures are retried with growing pauses until the deadline; what cannot be retried ends the open")
    func failures() {
        var machine = machine(seconds: 1)
        var pauses: [Duration] = []
        for _ in 0..<4 {
            guard case .wait(let until) = machine.failed(isRetriable: true, now: start, jitter: 1) else { return }
            pauses.append(until - start)
        }
        #expect(pauses == pauses.sorted() && pauses.first != pauses.last)
        #expect(machine.failed(isRetriable: true, now: start + .seconds(1), jitter: 1) == .fail(.failed))
        #expect(machine.failed(isRetriable: false, now: start, jitter: 1) == .fail(.failed))
    }
}
