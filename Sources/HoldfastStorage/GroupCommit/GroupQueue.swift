import DequeModule

/// Decides which waiting requests form the next group.
///
/// No I/O and no clock. Requests keep their order for each record and each trade: one that names one of a group in
/// flight, of this group, or of an earlier request that had to wait, waits as well.
struct GroupQueue {
    /// Bounds of the queue and of a group.
    struct Limits {
        var waiting = 10_000
        var members = DurableStoreLimits.group
        var groupBytes = 8_388_608
        var groupsInFlight = 1
        /// How many requests must wait before a group follows another one that is still in flight: enough to be
        /// worth a commit of its own.
        var followers = 64
        /// How many requests that must wait are passed over in search of members.
        var passedOver = 1_024
    }

    /// What no two requests in flight may share.
    enum Name: Hashable {
        case record(RecordID)
        case trade(RandomID)
    }

    /// One waiting request.
    struct Entry {
        let id: UInt64
        let names: [Name]
        let bytes: Int
        let deadline: ContinuousClock.Instant

        init(
            id: UInt64, records: [RecordID], trade: RandomID? = nil, bytes: Int, deadline: ContinuousClock.Instant
        ) {
            self.id = id
            var names = records.map { Name.record($0) }
            if let trade { names.append(.trade(trade)) }
            self.names = names
            self.bytes = bytes
            self.deadline = deadline
        }
    }

    /// Requests that go to the store in one transaction.
    struct Group: Equatable {
        let id: UInt64
        let members: [UInt64]
    }

    let limits: Limits
    private var waiting: Deque<Entry> = []
    /// Removed entries leave this set at once and the deque when their turn comes.
    private var waitingIDs: Set<UInt64> = []
    private var inFlight: [UInt64: [Name]] = [:]
    /// The names of groups in flight, and of the one that is being formed.
    private var busy: Set<Name> = []
    private var lastGroup: UInt64 = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// How many requests wait.
    var count: Int { waitingIDs.count }

    /// Adds a request at the end; false when the queue is full.
    mutating func add(_ entry: Entry) -> Bool {
        guard waitingIDs.count < limits.waiting else { return false }
        // Keeps removed entries from piling up behind a group that takes long.
        if waiting.count > 2 * limits.waiting { dropRemoved() }
        waiting.append(entry)
        waitingIDs.insert(entry.id)
        return true
    }

    /// Removes a request that still waits; false when it is in flight or gone.
    mutating func remove(_ id: UInt64) -> Bool {
        waitingIDs.remove(id) != nil
    }

    /// Removes and names the waiting requests whose deadline has passed.
    mutating func expire(now: ContinuousClock.Instant) -> [UInt64] {
        guard !waitingIDs.isEmpty else { return [] }
        let expired = waiting.filter { $0.deadline <= now && waitingIDs.contains($0.id) }.map(\.id)
        guard !expired.isEmpty else { return [] }
        waitingIDs.subtract(expired)
        dropRemoved()
        return expired
    }

    /// Removes and names every waiting request.
    mutating func removeAll() -> [UInt64] {
        defer {
            waiting = []
            waitingIDs = []
        }
        return waiting.map(\.id).filter(waitingIDs.contains)
    }

    /// Takes the next group; nil when nothing may go now.
    mutating func next() -> Group? {
        guard inFlight.count < limits.groupsInFlight, waitingIDs.count >= (inFlight.isEmpty ? 1 : limits.followers)
        else { return nil }
        var members: [UInt64] = []
        var names: [Name] = []
        var bytes = 0
        var passedOver: [Entry] = []
        var blocked: Set<Name> = []
        while members.count < limits.members, passedOver.count < limits.passedOver, let entry = waiting.popFirst() {
            guard waitingIDs.contains(entry.id) else { continue }
            if entry.names.contains(where: { busy.contains($0) || blocked.contains($0) }) {
                blocked.formUnion(entry.names)
                passedOver.append(entry)
                continue
            }
            if !members.isEmpty, bytes + entry.bytes > limits.groupBytes {
                waiting.prepend(entry)
                break
            }
            members.append(entry.id)
            names += entry.names
            busy.formUnion(entry.names)
            bytes += entry.bytes
        }
        waiting.prepend(contentsOf: passedOver)
        guard !members.isEmpty else { return nil }
        waitingIDs.subtract(members)
        lastGroup += 1
        inFlight[lastGroup] = names
        return Group(id: lastGroup, members: members)
    }

    /// Frees the records and trades of a group that has its answer.
    mutating func finish(_ group: UInt64) {
        busy.subtract(inFlight.removeValue(forKey: group) ?? [])
    }

    private mutating func dropRemoved() {
        waiting.removeAll { !waitingIDs.contains($0.id) }
    }
}
