import Testing

@testable import HoldfastCommand

@Suite struct RedisClockTests {
    @Test(
        "only a time outside of those of question and answer is another clock, however slow the answer is",
        arguments: [(4_000, 4_000, 0), (0, 9_000, 0), (5_500, 9_000, -1_500), (0, 2_500, 1_500)]
            as [(Int64, Int64, Int64)])
    func ahead(sent: Int64, received: Int64, ahead: Int64) {
        #expect(RedisFacts.aheadMillis(4_000, sent: sent, received: received) == ahead)
    }
}
