import HoldfastGameplay
import HoldfastStorage
import Testing

@Suite struct TimersTests {
    @Test("a cooldown is used once until it is ready")
    func cooldown() throws {
        var cooldowns = Cooldowns()
        let uses = try [1_000, 1_001, 2_999, 3_000].map { try cooldowns.use("dash", for: .seconds(2), at: $0) }
        #expect(uses == [true, false, false, true])
        #expect(try cooldowns.remaining("dash", at: 4_500) == .milliseconds(500))
        #expect(try cooldowns.remaining("other", at: 4_500) == .zero)
        #expect(try cooldowns.clear("dash", at: 4_500))
        #expect(try cooldowns.isReady("dash", at: 4_500))
        #expect(try !cooldowns.clear("dash", at: 4_500))
    }

    @Test("a clock that is behind lets nobody wait longer than the whole cooldown")
    func cooldownClock() throws {
        var cooldowns = Cooldowns()
        try cooldowns.start("dash", for: .seconds(2), at: 100_000_000)
        #expect(try cooldowns.remaining("dash", at: 0) == .seconds(2))
    }

    @Test("cooldowns are bounded, and those that are over make room")
    func cooldownBound() throws {
        var cooldowns = Cooldowns()
        for number in 0..<Cooldowns.maximumCount { try cooldowns.start("c\(number)", for: .seconds(1), at: 0) }
        expectRefusal(.full) { try cooldowns.start("one-more", for: .seconds(1), at: 999) }
        try cooldowns.start("c0", for: .seconds(1), at: 999)
        try cooldowns.start("one-more", for: .seconds(1), at: 1_000)
        #expect(try encoded(cooldowns).contains("one-more"))
        #expect(try !encoded(cooldowns).contains(#""c1""#))
        #expect(try decoded(Cooldowns.self, try encoded(cooldowns)) == cooldowns)
    }

    @Test("names, durations and times outside their limits are refused")
    func badInput() {
        var cooldowns = Cooldowns()
        var effects = TimedEffects()
        for name in ["", "a b", "\u{e9}", String(repeating: "x", count: 65)] {
            expectRefusal(.badInput) { try cooldowns.start(name, for: .seconds(1), at: 0) }
            expectRefusal(.badInput) { try effects.give(name, for: .seconds(1), at: 0) }
        }
        for duration in [Duration.zero, .seconds(-1), .microseconds(999), .seconds(Int64.max), .seconds(315_360_001)] {
            expectRefusal(.badInput) { try cooldowns.start("a", for: duration, at: 0) }
            expectRefusal(.badInput) { try effects.give("a", for: duration, at: 0) }
        }
        for time in [-1, Int64.min, Int64.max] {
            expectRefusal(.badInput) { try cooldowns.start("a", for: .seconds(1), at: time) }
            expectRefusal(.badInput) { try effects.give("a", for: .seconds(1), at: time) }
            expectRefusal(.badInput) { _ = try cooldowns.remaining("a", at: time) }
        }
        expectRefusal(.badInput) { try effects.give("a", for: .seconds(1), stacks: 0, at: 0) }
        expectRefusal(.badInput) { try effects.give("a", for: .seconds(1), maximumStacks: 0, at: 0) }
        expectRefusal(.badInput) {
            try effects.give("a", for: .seconds(1), data: .string(String(repeating: "x", count: 5_000)), at: 0)
        }
        expectRefusal(.badInput) { _ = try OfflineRules().timeAway(since: -1, at: 0) }
        expectRefusal(.badInput) { _ = try OfflineRules(minimum: .seconds(2), maximum: .seconds(1)) }
    }

    @Test(
        "an effect that is given again does what its rule says",
        arguments: [
            (.refresh, 14_000, 2), (.extend, 20_000, 2), (.stack, 20_000, 5), (.ignore, 10_000, 2),
            (.replace, 14_000, 3),
        ] as [(TimedEffect.Rule, Int64, Int)])
    func rules(rule: TimedEffect.Rule, endsAt: Int64, stacks: Int) throws {
        var effects = TimedEffects()
        try effects.give("haste", for: .seconds(10), stacks: 2, data: 1, at: 0)
        let effect = try effects.give("haste", for: .seconds(10), rule, stacks: 3, data: 2, at: 4_000)
        #expect(effect.endsAtMillis == endsAt)
        #expect(effect.stacks == stacks)
        #expect(effect.data == (rule == .ignore ? 1 : 2))
        #expect(effects["haste", at: 4_000] == effect)
    }

    @Test("an effect that is over counts as absent, whatever the rule", arguments: TimedEffect.Rule.allCases)
    func afterEnd(rule: TimedEffect.Rule) throws {
        var effects = TimedEffects()
        try effects.give("haste", for: .seconds(10), stacks: 5, at: 0)
        #expect(effects["haste", at: 9_999] != nil)
        #expect(effects["haste", at: 10_000] == nil)
        let effect = try effects.give("haste", for: .seconds(10), rule, stacks: 2, at: 10_000)
        #expect(effect.endsAtMillis == 20_000)
        #expect(effect.stacks == 2)
    }

    @Test("stacks have a bound, and replacing shortens")
    func bounds() throws {
        var effects = TimedEffects()
        try effects.give("poison", for: .seconds(10), at: 0)
        let stacked = try effects.give("poison", for: .seconds(10), .stack, stacks: 9, maximumStacks: 4, at: 0)
        #expect(stacked.stacks == 4)
        let shorter = try effects.give("poison", for: .seconds(1), .replace, at: 0)
        #expect(shorter.endsAtMillis == 1_000)
        let longest = Duration.seconds(315_360_000)
        try effects.give("long", for: longest, at: 5)
        let extended = try effects.give("long", for: longest, .extend, at: 5)
        #expect(extended.remaining(at: 5) == longest)
    }

    @Test("expiring takes what is over, in the order of the ends")
    func expire() throws {
        var effects = TimedEffects()
        try effects.give("b", for: .seconds(1), at: 0)
        try effects.give("a", for: .seconds(1), at: 0)
        try effects.give("c", for: .milliseconds(500), at: 0)
        try effects.give("d", for: .seconds(2), at: 0)
        #expect(effects.nextEnd(at: 0) == 500)
        #expect(effects.expire(at: 1_000).map(\.name) == ["c", "a", "b"])
        #expect(effects.active(at: 1_000).keys.sorted() == ["d"])
        #expect(effects.remove("d") != nil)
        #expect(effects.remove("d") == nil)
        #expect(effects.nextEnd(at: 1_000) == nil)
    }

    @Test("effects are bounded, and those that are over make room")
    func effectBound() throws {
        var effects = TimedEffects()
        for number in 0..<TimedEffects.maximumCount { try effects.give("e\(number)", for: .seconds(1), at: 0) }
        expectRefusal(.full) { try effects.give("one-more", for: .seconds(1), at: 999) }
        try effects.give("e0", for: .seconds(5), at: 999)
        try effects.give("one-more", for: .seconds(1), at: 1_000)
        #expect(effects.active(at: 1_000).keys.sorted() == ["e0", "one-more"])
        #expect(try decoded(TimedEffects.self, try encoded(effects)) == effects)
        #expect(throws: (any Error).self) {
            try decoded(TimedEffects.self, #"{"a":{"givenAtMillis":0,"endsAtMillis":1,"stacks":0}}"#)
        }
    }

    @Test("time away counts from a minute on and up to eight hours")
    func offline() throws {
        let rules = OfflineRules()
        #expect(try rules.timeAway(since: nil, at: 1) == nil)
        #expect(try rules.timeAway(since: 0, at: 59_999) == nil)
        #expect(try rules.timeAway(since: 60_000, at: 0) == nil)
        #expect(try rules.timeAway(since: 0, at: 60_000)?.countedMillis == 60_000)
        let long = try #require(try rules.timeAway(since: 1_000, at: 90_000_000_000))
        #expect(long.countedMillis == 8 * 3_600_000)
        #expect(long.awayMillis == 89_999_999_000)
        #expect(long.id == "offline:1000")
        #expect(try long.reward(perHour: 120) == 960)
        let short = try #require(try rules.timeAway(since: 0, at: 90_000))
        #expect(try short.reward(perHour: 100) == 2)
        expectRefusal(.negativeAmount) { _ = try long.reward(perHour: -1) }
        expectRefusal(.overflow) { _ = try long.reward(perHour: .max) }
        #expect(try long.reward(perHour: .max / 8) == .max / 8 * 8)
        expectRefusal(.overflow) { _ = try long.reward(perHour: .max / 8 + 1) }
    }
}
