import HoldfastStorage
import Testing

@testable import HoldfastMemoryStore

@Suite struct AnnouncementTailTests {
    let generation = RandomID.random()

    func position(_ sequence: Int64) -> AnnouncementPosition {
        AnnouncementPosition(generation: generation, sequence: sequence, entry: nil)
    }

    func cursor(_ durable: Int64, _ fast: Int64) -> AnnouncementCursor {
        AnnouncementCursor(durable: position(durable), fast: position(fast))
    }

    func hint(_ flavor: AnnouncementFlavor, _ sequence: Int64) -> AnnouncementHint {
        let entry = AnnouncementEntry(
            sequence: sequence, id: RandomID(high: 0, low: 1), publishedAtMillis: 1, expiresAtMillis: 2,
            value: [UInt8](repeating: 0x31, count: 100))
        let before = sequence == 1 ? nil : entry.id
        return AnnouncementHint(
            flavor: flavor,
            after: AnnouncementPosition(generation: generation, sequence: sequence - 1, entry: before),
            entries: [entry])
    }

    /// A tail behind durable entries 1 to 3 and fast ones 1 to 3, alternating.
    func tail(maximumCount: Int = 100, maximumBytes: Int = 1_000_000) -> AnnouncementTail {
        var tail = AnnouncementTail(at: cursor(0, 0), maximumCount: maximumCount, maximumBytes: maximumBytes)
        var durable = AnnouncementFollower(.durable, at: position(0), hasStore: false)
        var fast = AnnouncementFollower(.fast, at: position(0), hasStore: false)
        for sequence in Int64(1)...3 {
            tail.add(durable.take(hint(.durable, sequence)) ?? [], by: durable)
            tail.add(fast.take(hint(.fast, sequence)) ?? [], by: fast)
        }
        return tail
    }

    /// What a place still brings: positive numbers for durable entries, negative ones for fast ones.
    func rest(of tail: AnnouncementTail, from place: AnnouncementTail.Place) -> [Int64] {
        var place = place
        var found: [Int64] = []
        while case .occurrence(let occurrence) = tail.step(&place), case .entry(let entry) = occurrence.kind {
            found.append(occurrence.flavor == .durable ? entry.sequence : -entry.sequence)
        }
        return found
    }

    @Test("a subscriber gets what is new to it of each log")
    func places() throws {
        let tail = tail()
        #expect(rest(of: tail, from: try #require(tail.place(of: cursor(0, 0)))) == [1, -1, 2, -2, 3, -3])
        #expect(rest(of: tail, from: try #require(tail.place(of: cursor(2, 1)))) == [-2, 3, -3])
        #expect(rest(of: tail, from: try #require(tail.place(of: cursor(0, 3)))) == [1, 2, 3])
        #expect(rest(of: tail, from: try #require(tail.place(of: cursor(3, 3)))) == [])
        #expect(tail.place(of: cursor(4, 3)) == nil)
        #expect(tail.place(of: AnnouncementCursor(durable: position(3), fast: nil)) == nil)
    }

    @Test("the tail keeps no more than its bounds, and whoever is further back falls behind", arguments: [true, false])
    func bounds(byCount: Bool) throws {
        let tail = byCount ? tail(maximumCount: 2) : tail(maximumBytes: 600)
        #expect(tail.place(of: cursor(0, 0)) == nil)
        #expect(rest(of: tail, from: try #require(tail.place(of: cursor(2, 2)))) == [3, -3])
        var old = try #require(self.tail().place(of: cursor(0, 0)))
        guard case .behind = tail.step(&old) else {
            Issue.record("a place that is gone was found")
            return
        }
    }

    @Test("a tail that begins anew leaves all old places behind")
    func restart() throws {
        let tail = tail()
        var place = try #require(tail.place(of: cursor(3, 3)))
        let next = tail.restarted(at: cursor(3, 3))
        guard case .behind = next.step(&place) else {
            Issue.record("a place of the old tail was found in the new one")
            return
        }
    }

    @Test("nobody joins behind a loss before the log was read again")
    func rereading() throws {
        var tail = AnnouncementTail(at: cursor(0, 0))
        var fast = AnnouncementFollower(.fast, at: position(0), hasStore: false)
        tail.add(fast.take(hint(.fast, 1)) ?? [], by: fast)
        let end = AnnouncementPosition(generation: generation, sequence: 0, entry: nil)
        let reply = AnnouncementReply(
            gateOpened: false,
            log: .init(finding: .endsBefore, end: end, dropped: 0, through: end, entries: []))
        let (lost, _) = fast.take(reply, from: fast.position)
        tail.add(lost, by: fast)
        #expect(fast.isRereading)
        // Its own position is the one from before the first entry, too.
        let place = try #require(tail.place(of: AnnouncementCursor(durable: position(0), fast: fast.position)))
        #expect(rest(of: tail, from: place) == [-1])
    }
}

@Suite struct AnnouncementCursorTests {
    @Test(
        "a cursor is read from its own text",
        arguments: [
            AnnouncementCursor(),
            AnnouncementCursor(
                durable: AnnouncementPosition(generation: .random(), sequence: 0, entry: nil),
                fast: AnnouncementPosition(generation: .random(), sequence: .max, entry: .random(), epoch: 7)),
        ])
    func roundTrip(_ cursor: AnnouncementCursor) {
        #expect(AnnouncementCursor(cursor.description) == cursor)
    }

    @Test(
        "anything else is no cursor",
        arguments: [
            "", "-", "/", "-/-/-", "x/-", "-/00.1.-", "\(RandomID.random()).-1.-.0/-", "\(RandomID.random()).01.-.0/-",
            "\(RandomID.random()).1.x.0/-",
            "\(RandomID.random()).1.-/-", "\(RandomID.random()).1.-.x/-",
        ])
    func garbage(_ text: String) {
        #expect(AnnouncementCursor(text) == nil)
    }

    @Test("a hint of another form is none")
    func hints() {
        for bytes in [[], Array("x".utf8), Array("d123".utf8), [UInt8](repeating: 0x31, count: 49)] {
            #expect(AnnouncementHint(redisBytes: bytes) == nil)
        }
        var cut = Array("f".utf8) + [UInt8](repeating: 1, count: 16) + Array("0000000000000001".utf8)
        cut += [UInt8](repeating: 0, count: 16)
        #expect(AnnouncementHint(redisBytes: cut)?.after.sequence == 1)
        #expect(AnnouncementHint(redisBytes: cut + Array("00000099".utf8) + [1]) == nil)
    }
}
