import Testing

@testable import HoldfastStorage

/// Lets expectations call the queue's mutating methods.
private final class Queue {
    private var queue: GroupQueue

    init(_ limits: GroupQueue.Limits = GroupQueue.Limits()) { queue = GroupQueue(limits: limits) }

    var count: Int { queue.count }
    func add(_ entry: GroupQueue.Entry) -> Bool { queue.add(entry) }
    func remove(_ id: UInt64) -> Bool { queue.remove(id) }
    func expire(now: ContinuousClock.Instant) -> [UInt64] { queue.expire(now: now) }
    func next() -> GroupQueue.Group? { queue.next() }
    func finish(_ group: UInt64) { queue.finish(group) }
}

@Suite("Group queue")
struct GroupQueueTests {
    private let now = ContinuousClock.now
    private let collection: CollectionName

    init() throws { collection = try CollectionName("test") }

    private func entry(_ id: UInt64, _ keys: [Int], bytes: Int = 10, after: Duration = .seconds(5)) -> GroupQueue.Entry
    {
        GroupQueue.Entry(
            id: id, records: keys.map { RecordID(collection: collection, key: Key($0)) }, bytes: bytes,
            deadline: now + after
        )
    }

    private func limits(_ change: (inout GroupQueue.Limits) -> Void = { _ in }) -> GroupQueue.Limits {
        var limits = GroupQueue.Limits()
        change(&limits)
        return limits
    }

    @Test("what arrives while a group is in flight forms the next one")
    func gathers() {
        let queue = Queue()
        #expect(queue.add(entry(1, [1])))
        let first = queue.next()
        #expect(first?.members == [1])
        for id in 2...5 as ClosedRange<UInt64> { #expect(queue.add(entry(id, [Int(id)]))) }
        #expect(queue.next() == nil)
        queue.finish(first!.id)
        #expect(queue.next()?.members == [2, 3, 4, 5])
    }

    @Test("requests that decide the same trade never share a group and keep their order")
    func separatesTrades() {
        let queue = Queue()
        let (trade, other) = (RandomID.random(), RandomID.random())
        for (id, trade) in [(1, trade), (2, other), (3, trade)] as [(UInt64, RandomID)] {
            let entry = GroupQueue.Entry(id: id, records: [], trade: trade, bytes: 0, deadline: now + .seconds(5))
            #expect(queue.add(entry))
        }
        let first = queue.next()
        #expect(first?.members == [1, 2])
        queue.finish(first!.id)
        #expect(queue.next()?.members == [3])
    }

    @Test("a second group follows one in flight only when enough requests wait to be worth a commit")
    func follows() {
        let queue = Queue(
            limits {
                $0.groupsInFlight = 2
                $0.followers = 3
            })
        for id in 1...2 as ClosedRange<UInt64> { #expect(queue.add(entry(id, [Int(id)]))) }
        #expect(queue.next()?.members == [1, 2])
        for id in 3...4 as ClosedRange<UInt64> { #expect(queue.add(entry(id, [Int(id)]))) }
        #expect(queue.next() == nil)
        #expect(queue.add(entry(5, [5])))
        #expect(queue.next()?.members == [3, 4, 5])
        for id in 6...8 as ClosedRange<UInt64> { #expect(queue.add(entry(id, [Int(id)]))) }
        #expect(queue.next() == nil)
    }

    @Test("requests of one record never share a group and keep their order")
    func keepsOrder() {
        let queue = Queue()
        for (id, keys) in [(1, [1]), (2, [1]), (3, [2]), (4, [1, 3]), (5, [3]), (6, [4])] as [(UInt64, [Int])] {
            #expect(queue.add(entry(id, keys)))
        }
        // 5 names a record of 4, which waits for 2, which waits for 1.
        var groups: [[UInt64]] = []
        while let group = queue.next() {
            groups.append(group.members)
            queue.finish(group.id)
        }
        #expect(groups == [[1, 3, 6], [2], [4], [5]])
    }

    @Test("groups in flight at once never share a record")
    func keepsGroupsApart() {
        let queue = Queue(
            limits {
                $0.groupsInFlight = 2
                $0.followers = 1
            })
        _ = queue.add(entry(1, [1]))
        let first = queue.next()
        _ = queue.add(entry(2, [1, 2]))
        _ = queue.add(entry(3, [2]))
        _ = queue.add(entry(4, [3]))
        let second = queue.next()
        #expect(second?.members == [4])
        #expect(queue.next() == nil)
        queue.finish(second!.id)
        #expect(queue.next() == nil)
        queue.finish(first!.id)
        #expect(queue.next()?.members == [2])
        #expect(queue.next() == nil)
    }

    @Test("a group is bounded by members and by bytes, and one large request goes alone")
    func boundsGroups() {
        let queue = Queue(
            limits {
                $0.members = 3
                $0.groupBytes = 100
            })
        for id in 1...4 as ClosedRange<UInt64> { _ = queue.add(entry(id, [Int(id)])) }
        _ = queue.add(entry(5, [5], bytes: 500))
        _ = queue.add(entry(6, [6], bytes: 60))
        _ = queue.add(entry(7, [7], bytes: 60))
        var groups: [[UInt64]] = []
        while let group = queue.next() {
            groups.append(group.members)
            queue.finish(group.id)
        }
        #expect(groups == [[1, 2, 3], [4], [5], [6], [7]])
    }

    @Test("a full queue refuses, and a removed request makes room")
    func boundsTheQueue() {
        let queue = Queue(limits { $0.waiting = 2 })
        #expect(queue.add(entry(1, [1])))
        #expect(queue.add(entry(2, [2])))
        #expect(!queue.add(entry(3, [3])))
        #expect(queue.remove(1))
        #expect(!queue.remove(1))
        #expect(queue.add(entry(3, [3])))
        #expect(queue.next()?.members == [2, 3])
        #expect(!queue.remove(2))
    }

    @Test("deadlines remove only what waits")
    func expires() {
        let queue = Queue()
        _ = queue.add(entry(1, [1], after: .seconds(1)))
        let group = queue.next()
        _ = queue.add(entry(2, [1], after: .seconds(1)))
        _ = queue.add(entry(3, [1], after: .seconds(3)))
        #expect(queue.expire(now: now + .seconds(2)) == [2])
        #expect(queue.expire(now: now + .seconds(2)) == [])
        #expect(queue.count == 1)
        queue.finish(group!.id)
        #expect(queue.next()?.members == [3])
    }

    @Test("removed requests do not pile up behind a group that never ends")
    func staysBounded() {
        let queue = Queue(limits { $0.waiting = 4 })
        _ = queue.add(entry(0, [0]))
        let group = queue.next()
        for id in 1...1_000 as ClosedRange<UInt64> {
            #expect(queue.add(entry(id, [0])))
            #expect(queue.remove(id))
        }
        _ = queue.add(entry(2_000, [0]))
        queue.finish(group!.id)
        #expect(queue.next()?.members == [2_000])
    }
}
