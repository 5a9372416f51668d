import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// The scripts of one queue, as typed calls.
///
/// A request whose reply was lost is sent again while there is time, marked where that matters: every script recognises
/// its own repetition.
struct QueueScripts: Sendable {
    let context: MemoryStore.Context
    private let keys: [[UInt8]]
    /// The Pub/Sub channel of hints.
    let channel: String

    private static let parts = [
        "items", "visible", "invisible", "priorities", "list", "batches", "due", "gone", "dead", "waiters",
    ]

    init(_ context: MemoryStore.Context, name: String) {
        let space = context.keys.keys("queue", name)
        self.context = context
        self.keys = Self.parts.map { space[$0] }
        self.channel = space.hints
    }

    /// What an addition met.
    enum Addition: Sendable, Equatable {
        case added(Int)
        /// Sweeping may make room where something waits for that.
        case full(items: Int64, bytes: Int64, toSweep: Int64)
        case tooManyPriorities
    }

    func add(
        _ items: [(id: RandomID, value: [UInt8])], priority: Double, lifeMillis: Int64, mayBeThere: Bool,
        limits: QueueLimits
    ) async throws(MemoryStoreError) -> Addition {
        var tail: [RedisArgument] = [
            .integer(limits.items), .integer(limits.bytes), .string("\(priority)"), .integer(lifeMillis),
        ]
        tail.reserveCapacity(tail.count + 2 * items.count)
        for item in items {
            tail.append(.bytes(item.id.bytes))
            tail.append(.bytes(item.value))
        }
        let reply = try await call(.Queue.add, lane: .bulk) { isRepeated in
            [.integer(mayBeThere || isRepeated ? 1 : 0)] + tail
        }
        return try addition(reply, added: "ADDED")
    }

    func addition(_ reply: ScriptReply, added: String) throws(MemoryStoreError) -> Addition {
        switch reply.code {
        case added: return .added(Int(try reply.number(1)))
        case "FULL":
            return .full(
                items: try reply.number(1), bytes: try reply.number(2), toSweep: try reply.number(3))
        case "PRIORITIES": return .tooManyPriorities
        default: throw reply.unknownCode
        }
    }

    /// What a read found.
    enum Reading: Sendable {
        case batch([StoredQueueItem])
        case empty
        case again
        case lost
    }

    /// A read as it is sent.
    struct ReadRequest: Sendable {
        let batch: RandomID
        let count: Int
        let allOrNothing: Bool
        let invisibleMillis: Int64
        let maximumAttempts: Int?
        /// The process that waits where nothing is found.
        let waiter: RandomID?
    }

    func read(_ request: ReadRequest) async throws(MemoryStoreError) -> (Reading, died: Int) {
        let reply = try await call(.Queue.read, lane: .bulk) { _ in
            [
                .bytes(request.batch.bytes), .integer(Int64(request.count)), .integer(request.allOrNothing ? 1 : 0),
                .integer(request.invisibleMillis), .integer(Int64(request.maximumAttempts ?? 0)),
                .bytes(request.waiter?.bytes ?? []),
            ]
        }
        let died = Int(try reply.number(1))
        switch reply.code {
        case "BATCH": return (.batch(try items(reply, from: 3)), died)
        case "EMPTY": return (.empty, died)
        case "AGAIN": return (.again, died)
        case "LOST": return (.lost, died)
        default: throw reply.unknownCode
        }
    }

    /// The ids of the removed items that the store holds, too; nil when it came too late.
    func remove(_ batch: RandomID) async throws(MemoryStoreError) -> [RandomID]? {
        let reply = try await call(.Queue.remove) { isRepeated in
            [.bytes(batch.bytes), .integer(isRepeated ? 1 : 0)]
        }
        switch reply.code {
        case "REMOVED": return try ids(reply, from: 2)
        case "LATE": return nil
        default: throw reply.unknownCode
        }
    }

    /// False when it came too late.
    func extend(_ batch: RandomID, millis: Int64) async throws(MemoryStoreError) -> Bool {
        try await call(.Queue.extend) { _ in [.bytes(batch.bytes), .integer(millis)] }.code == "EXTENDED"
    }

    /// Nil when it came too late.
    func release(
        _ batch: RandomID, items: [RandomID], delayMillis: Int64
    ) async throws(MemoryStoreError) -> (released: Int, died: Int)? {
        let other = RandomID.random()
        let reply = try await call(.Queue.release) { isRepeated in
            [
                .bytes(batch.bytes), .integer(delayMillis), .bytes(other.bytes), .integer(isRepeated ? 1 : 0),
            ] + items.map { .bytes($0.bytes) }
        }
        switch reply.code {
        case "RELEASED": return (Int(try reply.number(1)), Int(try reply.number(2)))
        case "LATE": return nil
        default: throw reply.unknownCode
        }
    }

    /// How many items there are.
    struct Counts: Sendable, Equatable {
        var visible: Int
        var invisible: Int
        var dead: Int
    }

    /// Nil when it must be asked again.
    func size() async throws(MemoryStoreError) -> (Counts?, died: Int) {
        let reply = try await call(.Queue.size) { _ in [] }
        let died = Int(try reply.number(4))
        switch reply.code {
        case "SIZE":
            let counts = Counts(
                visible: Int(try reply.number(1)), invisible: Int(try reply.number(2)), dead: Int(try reply.number(3)))
            return (counts, died)
        case "AGAIN": return (nil, died)
        default: throw reply.unknownCode
        }
    }

    /// Nil when it must be asked again.
    func peek(_ count: Int) async throws(MemoryStoreError) -> ([StoredQueueItem]?, died: Int) {
        let reply = try await call(.Queue.peek, lane: .bulk) { _ in [.integer(Int64(count))] }
        let died = Int(try reply.number(1))
        switch reply.code {
        case "ITEMS": return (try items(reply, from: 2), died)
        case "AGAIN": return (nil, died)
        default: throw reply.unknownCode
        }
    }

    /// What a sweep found and did.
    struct Sweep: Sendable {
        let hasMore: Bool
        let hasLostKeys: Bool
        let returned: Int
        let died: Int
        let expired: Int
        let counts: Counts
        let oldestAge: Duration
    }

    func sweep() async throws(MemoryStoreError) -> Sweep {
        let reply = try await call(.Queue.sweep) { _ in [] }
        guard reply.code == "SWEPT" else { throw reply.unknownCode }
        return Sweep(
            hasMore: try reply.number(1) == 1, hasLostKeys: try reply.number(2) == 1,
            returned: Int(try reply.number(3)), died: Int(try reply.number(4)), expired: Int(try reply.number(5)),
            counts: Counts(
                visible: Int(try reply.number(6)), invisible: Int(try reply.number(7)), dead: Int(try reply.number(8))),
            oldestAge: .milliseconds(try reply.number(10)))
    }

    /// One step of a rebuild; the place of the next one, or nil when it is done or another one is at it.
    func rebuild(at place: String) async throws(MemoryStoreError) -> (next: String?, taken: Int) {
        let reply = try await call(.Queue.rebuild) { _ in [.string(place)] }
        let taken = Int(try reply.number(2))
        switch reply.code {
        case "STEP": return (try reply.text(1), taken)
        case "DONE", "BUSY": return (nil, taken)
        default: throw reply.unknownCode
        }
    }

    /// Passes a hint on to another process.
    func wake() async throws(MemoryStoreError) {
        _ = try await call(.Queue.wake) { _ in [] }
    }

    // MARK: Sending

    func call(
        _ script: Script, lane: RedisLane = .session, _ arguments: (_ isRepeated: Bool) -> [RedisArgument]
    ) async throws(MemoryStoreError) -> ScriptReply {
        try await RepeatedRequest.run(within: context.timeout) {
            left, isRepeated async throws(MemoryStoreError) in
            let value = try await context.evaluate(
                script, keys: keys, [.string(channel)] + arguments(isRepeated), lane: lane, within: left)
            return try ScriptReply(script, value)
        }
    }

    func id(_ reply: ScriptReply, _ index: Int) throws(MemoryStoreError) -> RandomID {
        guard let id = RandomID(bytes: try reply.bytes(index)) else { throw reply.unknownCode }
        return id
    }

    func ids(_ reply: ScriptReply, from first: Int) throws(MemoryStoreError) -> [RandomID] {
        var ids: [RandomID] = []
        for index in stride(from: first, through: reply.count, by: 1) { ids.append(try id(reply, index)) }
        return ids
    }

    /// Items in groups of id, attempts and bytes.
    private func items(_ reply: ScriptReply, from first: Int) throws(MemoryStoreError) -> [StoredQueueItem] {
        var items: [StoredQueueItem] = []
        items.reserveCapacity((reply.count + 1 - first) / 3)
        for index in stride(from: first, through: reply.count - 2, by: 3) {
            items.append(
                try StoredQueueItem(
                    id: id(reply, index), attempts: Int(reply.number(index + 1)), bytes: reply.bytes(index + 2)))
        }
        return items
    }
}
