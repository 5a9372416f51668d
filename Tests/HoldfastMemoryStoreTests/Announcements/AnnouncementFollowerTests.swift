import HoldfastStorage
import Testing

@testable import HoldfastMemoryStore

@Suite struct AnnouncementFollowerTests {
    typealias Log = AnnouncementReply.Log

    let generation = RandomID.random()
    let other = RandomID.random()

    /// The entry of a number in one of two histories.
    func entry(_ sequence: Int64, history: UInt64 = 0) -> AnnouncementEntry {
        AnnouncementEntry(
            sequence: sequence, id: RandomID(high: history + 1, low: UInt64(sequence)), publishedAtMillis: 1,
            expiresAtMillis: 2, value: [0x31])
    }

    func position(_ sequence: Int64, history: UInt64? = 0, in generation: RandomID? = nil) -> AnnouncementPosition {
        AnnouncementPosition(
            generation: generation ?? self.generation, sequence: sequence,
            entry: history.map { entry(sequence, history: $0).id })
    }

    func reply(
        _ finding: AnnouncementReply.Finding = .continues, _ entries: [AnnouncementEntry] = [],
        end: AnnouncementPosition, through: AnnouncementPosition? = nil, dropped: Int64 = 0, gate: Bool = false
    ) -> AnnouncementReply {
        AnnouncementReply(
            gateOpened: gate,
            log: Log(finding: finding, end: end, dropped: dropped, through: through ?? end, entries: entries))
    }

    func follower(
        _ flavor: AnnouncementFlavor = .fast, at position: AnnouncementPosition?, hasStore: Bool = true
    ) -> AnnouncementFollower {
        AnnouncementFollower(flavor, at: position, hasStore: hasStore)
    }

    func kinds(_ occurrences: [AnnouncementOccurrence]) -> [AnnouncementOccurrence.Kind] { occurrences.map(\.kind) }

    @Test("entries are taken once and in order, a page at a time")
    func pages() {
        var follower = follower(at: position(1))
        let (first, next) = follower.take(
            reply(.continues, [entry(2), entry(3)], end: position(4), through: position(3)), from: position(1))
        #expect(kinds(first) == [.entry(entry(2)), .entry(entry(3))])
        #expect(next == .readAgain)
        let (second, last) = follower.take(reply(.continues, [entry(4)], end: position(4)), from: position(3))
        #expect(kinds(second) == [.entry(entry(4))])
        #expect(last == .wait)
        #expect(follower.position == position(4))
    }

    @Test("a hint that continues the position is taken, any other is read")
    func hints() {
        var follower = follower(at: position(1))
        let hint = AnnouncementHint(flavor: .fast, after: position(1), entries: [entry(2), entry(3)])
        #expect(follower.take(hint).map(kinds) == [.entry(entry(2)), .entry(entry(3))])
        #expect(follower.take(hint) == [])
        #expect(follower.take(AnnouncementHint(flavor: .fast, after: position(4), entries: [entry(5)])) == nil)
        #expect(follower.take(AnnouncementHint(flavor: .fast, after: position(3), entries: [])) == nil)
        let forked = AnnouncementHint(flavor: .fast, after: position(3, history: 1), entries: [entry(4, history: 1)])
        #expect(follower.take(forked) == nil)
        let foreign = AnnouncementHint(flavor: .fast, after: position(3, in: other), entries: [entry(4)])
        #expect(follower.take(foreign) == nil)
        #expect(follower.position == position(3))
    }

    @Test("a reply that a hint has overtaken brings nothing twice")
    func overtaken() {
        var follower = follower(at: position(1))
        _ = follower.take(AnnouncementHint(flavor: .fast, after: position(1), entries: [entry(2)]))
        let (found, next) = follower.take(
            reply(.continues, [entry(2), entry(3)], end: position(3)), from: position(1))
        #expect(kinds(found) == [.entry(entry(3))])
        #expect(next == .wait)
        // What was found out about an older position says nothing about this one.
        let (late, again) = follower.take(reply(.endsBefore, end: position(1)), from: position(2))
        #expect(late.isEmpty)
        #expect(again == .readAgain)
    }

    @Test("what gave way is a gap, and what expired is none")
    func gaps() {
        var follower = follower(at: position(1))
        let (found, _) = follower.take(
            reply(.continues, [entry(7)], end: position(9), dropped: 5), from: position(1))
        #expect(kinds(found) == [.gap(from: 2, to: 5), .entry(entry(7))])
        #expect(follower.position == position(9))
    }

    @Test("a reader that was there before the log has missed what gave way")
    func beginning() {
        var follower = follower(at: nil)
        let (found, next) = follower.take(reply(.continues, [entry(7)], end: position(7), dropped: 5), from: nil)
        #expect(kinds(found) == [.gap(from: 1, to: 5), .entry(entry(7))])
        #expect(next == .wait)
    }

    @Test("another Redis may have lost what nobody read, which is told of the fast log")
    func otherEpoch() {
        var follower = follower(at: position(3))
        var end = position(4)
        end.epoch = 1
        let (found, _) = follower.take(reply(.continues, [entry(4)], end: end), from: position(3))
        #expect(kinds(found) == [.gap(from: 4, to: nil), .entry(entry(4))])
        let (none, _) = follower.take(reply(.continues, end: end), from: end)
        #expect(none.isEmpty)
    }

    @Test("another generation of the fast log is a gap without an end, then all of it is new")
    func otherGeneration() {
        var follower = follower(at: position(3))
        let (found, next) = follower.take(reply(.otherGeneration, end: position(2, in: other)), from: position(3))
        #expect(kinds(found) == [.gap(from: 4, to: nil)])
        #expect(next == .readAgain)
        let (new, _) = follower.take(
            reply(.continues, [entry(1), entry(2)], end: position(2, in: other)),
            from: position(0, history: nil, in: other))
        #expect(kinds(new) == [.entry(entry(1)), .entry(entry(2))])
    }

    @Test("a fast log that never had an entry is not missed")
    func neverUsed() {
        var follower = follower(at: position(0, history: nil))
        let (found, _) = follower.take(
            reply(.otherGeneration, end: position(1, in: other)), from: position(0, history: nil))
        #expect(found.isEmpty)
        #expect(follower.position == position(0, history: nil, in: other))
    }

    @Test("after a roll-back of the fast log what was read before is passed over", arguments: [false, true])
    func fork(endsBefore: Bool) {
        var follower = follower(at: position(1))
        _ = follower.take(reply(.continues, [entry(2), entry(3), entry(4)], end: position(4)), from: position(1))
        // Entries 3 and 4 are gone; one or two others stand in their place.
        let end: Int64 = endsBefore ? 3 : 4
        let (lost, next) = follower.take(
            reply(endsBefore ? .endsBefore : .otherEntry, end: position(end, history: 1)), from: position(4))
        #expect(kinds(lost) == [.gap(from: 5, to: nil)])
        #expect(next == .readAgain)
        #expect(follower.isRereading)
        #expect(follower.position == position(1, history: nil))
        let others = (3...end).map { entry($0, history: 1) }
        let (found, _) = follower.take(
            reply(.continues, [entry(2)] + others, end: position(end, history: 1)), from: follower.position)
        #expect(kinds(found) == others.map { .entry($0) })
        #expect(!follower.isRereading)
    }

    @Test("a durable log that ends early is compared with the store, and without one waited for")
    func durableBehind() {
        var follower = follower(.durable, at: position(3))
        let (found, next) = follower.take(reply(.endsBefore, end: position(1)), from: position(3))
        #expect(found.isEmpty)
        #expect(next == .compare)
        #expect(follower.compared(with: .init(generation: generation, last: 3)).isEmpty)
        #expect(follower.position == position(3))
        var poor = self.follower(.durable, at: position(3), hasStore: false)
        #expect(poor.take(reply(.endsBefore, end: position(1)), from: position(3)).next == .wait)
        #expect(poor.take(AnnouncementReply(gateOpened: true, log: nil), from: position(3)).next == .wait)
    }

    @Test("only whom the gate lets through compares a log that is there or missing")
    func gate() {
        for gate in [false, true] {
            var follower = follower(.durable, at: position(3))
            #expect(
                follower.take(reply(end: position(3), gate: gate), from: position(3)).next == (gate ? .compare : .wait))
            let absent = AnnouncementReply(gateOpened: gate, log: nil)
            #expect(follower.take(absent, from: position(3)).next == (gate ? .compare : .wait))
        }
    }

    @Test("a store that went back or has another log is a gap without an end")
    func storeWentBack() {
        var shorter = follower(.durable, at: position(3))
        #expect(kinds(shorter.compared(with: .init(generation: generation, last: 2))) == [.gap(from: 4, to: nil)])
        #expect(shorter.position == position(2, history: nil))
        var foreign = follower(.durable, at: position(3))
        #expect(kinds(foreign.compared(with: .init(generation: other, last: 9))) == [.gap(from: 4, to: nil)])
        #expect(foreign.position == position(0, history: nil, in: other))
        var none = follower(.durable, at: position(3))
        #expect(kinds(none.compared(with: nil)) == [.gap(from: 4, to: nil)])
        #expect(none.position == nil)
        var fresh = follower(.durable, at: nil)
        #expect(fresh.compared(with: .init(generation: other, last: 9)).isEmpty)
    }
}
