import DequeModule
import NIOCore

/// The commands of one lane in the order of their calls, and the bytes of those not yet written.
///
/// Pure: no I/O, no clock, no lock. `Caller` is what waits for a reply: a continuation, or anything in tests.
/// The bounds are kept here: a command that exceeds them stays outside, not even encoded, until there is room.
struct CommandQueue<Caller: Sendable>: Sendable {
    /// A command whose reply is due, in the order of replies.
    private struct Slot {
        let ticket: UInt64
        /// Nil once the caller has gone: the reply of a written command is then dropped on arrival.
        var caller: Caller?
        let deadline: NIODeadline
        let timeout: TimeAmount
        /// Encoded length.
        let bytes: Int
        /// Replies still to come; the last one is the caller's.
        var repliesDue: Int
    }

    /// A command outside the bounds.
    private struct Waiter {
        let ticket: UInt64
        let caller: Caller
        let command: RedisCommand
        /// Upper bound of the encoded length.
        let length: Int
        let deadline: NIODeadline
        let timeout: TimeAmount
    }

    /// What a reply is for.
    enum Recipient {
        case caller(Caller)
        /// A caller that has gone, or a reply before the one that the caller waits for.
        case nobody
        /// No command was due: the far end sends what it was not asked.
        case unexpected
    }

    /// What passing time has brought.
    struct Expiry {
        /// Callers whose command was written.
        var written: [Caller] = []
        /// Callers whose command was not, and never will be.
        var unsent: [Caller] = []
        /// When to look again; nil while nothing is due.
        var next: NIODeadline?
        /// Whether the connection is silent for longer than the command it owes a reply to would wait.
        var isStalled = false
    }

    private let maximumInFlight: Int
    private let maximumQueuedBytes: Int
    private let silenceLimit: TimeAmount
    /// The first ``writtenCount`` are written; the bytes of the others follow each other in `outbound`.
    private var slots: Deque<Slot> = []
    private var writtenCount = 0
    private var waiters: Deque<Waiter> = []
    private var outbound = ByteBuffer()
    /// The buffer handed out last, used again once the channel has let go of it.
    private var spare = ByteBuffer()
    /// Commands in `outbound` whose caller has gone; they are cut out before anything is written.
    private var abandonedCount = 0

    /// Makes an empty queue.
    ///
    /// A connection that owes a reply may be silent for `silenceLimit`, or for the command's own timeout where that is
    /// longer.
    init(maximumInFlight: Int, maximumQueuedBytes: Int, silenceLimit: TimeAmount) {
        self.maximumInFlight = max(1, maximumInFlight)
        self.maximumQueuedBytes = maximumQueuedBytes
        self.silenceLimit = silenceLimit
    }

    /// Commands whose reply is due, written or not.
    var inFlight: Int { slots.count }
    /// Commands outside the bounds.
    var waiting: Int { waiters.count }
    /// Whether there is something to write.
    var hasUnwritten: Bool { slots.count > writtenCount }
    /// Commands that are not written yet.
    var unwritten: Int { slots.count - writtenCount }
    /// Commands that are written and owed a reply.
    var written: Int { writtenCount }
    /// Whether somebody waits for a command that is not written.
    var isHeldUp: Bool { unwritten > abandonedCount || !waiters.isEmpty }
    /// Whether to write now.
    ///
    /// While Redis has enough to do, few commands wait for more to come, or for its next replies: a write and a
    /// wake-up for each would cost both sides more than the command itself.
    var isWorthWriting: Bool {
        unwritten > 0 && (writtenCount < Self.busyDepth || unwritten >= Self.busyDepth)
    }

    /// From how many commands in flight on the far end counts as busy.
    private static var busyDepth: Int { 32 }

    // MARK: Callers

    /// Takes a command in, or lets it wait if the bounds are reached or others wait already.
    ///
    /// `length` is the command's ``RedisCommand/maximumLength``.
    mutating func submit(
        _ command: RedisCommand, length: Int, ticket: UInt64, caller: Caller, deadline: NIODeadline,
        timeout: TimeAmount
    ) {
        if waiters.isEmpty, hasRoom(for: length) {
            append(command, length, ticket: ticket, caller: caller, deadline: deadline, timeout: timeout)
        } else {
            waiters.append(
                Waiter(
                    ticket: ticket, caller: caller, command: command, length: length, deadline: deadline,
                    timeout: timeout))
        }
    }

    /// Lets a caller go.
    ///
    /// Its command is not written if it was not yet; a reply that comes later is dropped.
    ///
    /// - Returns: The caller and whether its command was written; nil when it waits no longer.
    mutating func cancel(ticket: UInt64) -> (caller: Caller, wasWritten: Bool)? {
        // The newest are cancelled most often, and a cancelled task is rare enough for a search.
        if let index = slots.lastIndex(where: { $0.ticket == ticket }), let caller = slots[index].caller {
            slots[index].caller = nil
            guard index >= writtenCount else { return (caller, true) }
            abandonedCount += 1
            // Cutting costs a copy of what stays, so it is done when half can go, or when writing.
            if abandonedCount * 2 >= slots.count - writtenCount { removeAbandoned() }
            admitWaiters()
            return (caller, false)
        }
        if let index = waiters.firstIndex(where: { $0.ticket == ticket }) {
            let caller = waiters.remove(at: index).caller
            admitWaiters()
            return (caller, false)
        }
        return nil
    }

    // MARK: Connection

    /// Hands out all bytes that are due, and counts their commands as written.
    mutating func takeOutbound() -> ByteBuffer? {
        if abandonedCount > 0 { removeAbandoned() }
        guard hasUnwritten else { return nil }
        writtenCount = slots.count
        let bytes = outbound
        swap(&outbound, &spare)
        let capacity = 16 * 1024
        if outbound.capacity > 64 * capacity {
            outbound = ByteBuffer()
        } else {
            outbound.clear(minimumCapacity: capacity)
        }
        return bytes
    }

    /// Takes the oldest written command away, since its reply has come.
    mutating func takeReplied() -> Recipient {
        guard writtenCount > 0 else { return .unexpected }
        if slots[slots.startIndex].repliesDue > 1 {
            slots[slots.startIndex].repliesDue -= 1
            return .nobody
        }
        let slot = slots.removeFirst()
        writtenCount -= 1
        guard let caller = slot.caller else { return .nobody }
        return .caller(caller)
    }

    /// Takes in those who wait, as far as there is room.
    mutating func admitWaiters() {
        while let waiter = waiters.first, hasRoom(for: waiter.length) {
            waiters.removeFirst()
            append(
                waiter.command, waiter.length, ticket: waiter.ticket, caller: waiter.caller,
                deadline: waiter.deadline, timeout: waiter.timeout)
        }
    }

    /// Forgets the written commands and returns their callers.
    ///
    /// Unwritten ones stay for the next connection.
    mutating func connectionLost() -> [Caller] {
        let callers = slots.prefix(writtenCount).compactMap(\.caller)
        slots.removeFirst(writtenCount)
        writtenCount = 0
        admitWaiters()
        return callers
    }

    /// Forgets everything that was not written and returns the callers in order.
    mutating func failUnsent() -> [Caller] {
        let callers = slots.dropFirst(writtenCount).compactMap(\.caller) + waiters.map(\.caller)
        slots.removeLast(slots.count - writtenCount)
        waiters.removeAll()
        outbound = ByteBuffer()
        abandonedCount = 0
        return callers
    }

    // MARK: Time

    /// Lets go of every caller whose deadline has come.
    ///
    /// - Parameters:
    ///   - now: The current time.
    ///   - lastRead: When the connection received its last byte, or was made; nil without one.
    /// - Returns: Those callers, to be resumed, and when to call again.
    mutating func expire(now: NIODeadline, lastRead: NIODeadline?) -> Expiry {
        var expiry = Expiry()
        for index in slots.indices {
            guard let caller = slots[index].caller else { continue }
            if slots[index].deadline > now {
                expiry.next = min(expiry.next ?? .distantFuture, slots[index].deadline)
                continue
            }
            slots[index].caller = nil
            if index < writtenCount {
                expiry.written.append(caller)
            } else {
                expiry.unsent.append(caller)
                abandonedCount += 1
            }
        }
        if abandonedCount > 0 { removeAbandoned() }
        expireWaiters(now: now, into: &expiry)
        admitWaiters()

        if let lastRead, let head = slots.first, let start = silentSince(lastRead) {
            let limit = start + max(head.timeout, silenceLimit)
            expiry.isStalled = limit <= now
            if !expiry.isStalled { expiry.next = min(expiry.next ?? .distantFuture, limit) }
        }
        return expiry
    }

    /// Since when the far end owes a reply and has sent nothing; nil while it owes none.
    ///
    /// An idle connection is silent by right, so its silence counts from the command's call.
    func silentSince(_ lastRead: NIODeadline) -> NIODeadline? {
        guard writtenCount > 0, let head = slots.first else { return nil }
        return max(lastRead, head.deadline - head.timeout)
    }

    private mutating func expireWaiters(now: NIODeadline, into expiry: inout Expiry) {
        var kept: Deque<Waiter> = []
        for waiter in waiters {
            if waiter.deadline <= now {
                expiry.unsent.append(waiter.caller)
            } else {
                kept.append(waiter)
                expiry.next = min(expiry.next ?? .distantFuture, waiter.deadline)
            }
        }
        waiters = kept
    }

    // MARK: Buffer

    /// A command larger than the bound on bytes may go alone.
    private func hasRoom(for length: Int) -> Bool {
        guard slots.count < maximumInFlight else { return false }
        let queued = outbound.readableBytes
        return queued == 0 || queued + length <= maximumQueuedBytes
    }

    private mutating func append(
        _ command: RedisCommand, _ length: Int, ticket: UInt64, caller: Caller, deadline: NIODeadline,
        timeout: TimeAmount
    ) {
        let bytes = command.encode(into: &outbound, room: length)
        slots.append(
            Slot(
                ticket: ticket, caller: caller, deadline: deadline, timeout: timeout, bytes: bytes,
                repliesDue: command.replyCount))
    }

    private mutating func removeAbandoned() {
        var kept = ByteBuffer()
        var position = outbound.readerIndex
        for slot in slots.dropFirst(writtenCount) {
            if slot.caller != nil, let bytes = outbound.getSlice(at: position, length: slot.bytes) {
                kept.writeImmutableBuffer(bytes)
            }
            position += slot.bytes
        }
        let unwritten = slots.dropFirst(writtenCount).filter { $0.caller != nil }
        slots.removeLast(slots.count - writtenCount)
        slots.append(contentsOf: unwritten)
        outbound = kept
        abandonedCount = 0
    }
}
