import HoldfastStorage
import Testing

@Suite("Pauses before another try")
struct RetryPausesTests {
    private static let classes: [RetryPauses] = [
        .contention, .congestion, .outage, .holder, .operatorNeeded, .request,
    ]

    @Test("pauses double from the first to the longest and stay there", arguments: classes)
    func growth(pauses: RetryPauses) {
        let drawn = (1...200).map { pauses.pause(after: $0, chance: 1) }
        #expect(drawn.first == pauses.first && drawn.last == pauses.longest)
        for (earlier, later) in zip(drawn, drawn.dropFirst()) { #expect(later == min(earlier * 2, pauses.longest)) }
        #expect(pauses.pause(after: .max, chance: 1) == pauses.longest)
        #expect(pauses.pause(after: 0, chance: 1) == pauses.first)
    }

    @Test("each pause is drawn from the upper half", arguments: classes)
    func jitter(pauses: RetryPauses) {
        #expect(pauses.pause(after: 3, chance: 0) * 2 == pauses.pause(after: 3, chance: 1))
    }

    @Test("classes of errors have pauses of their own")
    func codes() {
        #expect(StoreError.Code.unavailable.retryPauses == .outage)
        #expect(StoreError.Code.outcomeUnknown.retryPauses == .outage)
        #expect(StoreError.Code.deadline.retryPauses == .congestion)
        #expect(StoreError.Code.diskFull.retryPauses == .operatorNeeded)
        #expect(StoreError.Code.denied.retryPauses == .operatorNeeded)
        #expect(StoreError.Code.badInput.retryPauses == .request)
    }
}
