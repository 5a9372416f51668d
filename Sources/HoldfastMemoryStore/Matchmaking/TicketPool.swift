import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// Tickets that wait for a match, shared by all servers.
///
/// ```swift
/// let ranked = try memory.tickets("ranked")
/// try await ranked.add(Ticket(id: id, players: party, numbers: ["skill": 1_200]), expiresAfter: .seconds(60))
/// if case .matched(let match) = try await ranked.wait(for: id, atMost: .seconds(60)) { send(party, to: match) }
/// ```
///
/// A ``Matchmaker`` on any server makes the matches. Everything here is fast: it is in Redis, and is gone when Redis
/// loses it, which the owner of a ticket sees as `absent`. A ticket is matched at most once; after ``cancel(_:)`` has
/// returned true it is never matched. At most 10,000 tickets wait in one pool, which lives on one node of a cluster.
public struct TicketPool: Sendable {
    /// The name that servers share.
    public let name: String
    let context: MemoryStore.Context
    let keys: KeySpace.Keys
    private static let pageSize: Int64 = 200

    // MARK: For owners of tickets

    /// Adds a ticket to those that wait; fast, acknowledged by Redis.
    ///
    /// A lost reply does no harm: the request is repeated and recognised.
    ///
    /// - Parameters:
    ///   - ticket: At most 2 KiB as JSON.
    ///   - life: How long it waits at most: 1 ms to 24 hours.
    /// - Throws: ``MemoryStoreError``: `badInput`; `conflict` where the id belongs to another ticket, or to one that
    ///   was matched or cancelled in the last five minutes; `full`.
    public func add(_ ticket: Ticket, expiresAfter life: Duration) async throws(MemoryStoreError) {
        let document = try TicketLimits.encode(ticket)
        let millis = try TicketLimits.millis(life)
        let nonce = withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max)) { [UInt8]($0) }
        let reply = try await RepeatedRequest.run(within: context.timeout) { left, _ throws(MemoryStoreError) in
            try await evaluate(
                .Ticket.add, waiting + [result(of: ticket.id)],
                [
                    .string(ticket.id), .bytes(document), .integer(millis), .bytes(nonce),
                    .integer(Int64(TicketLimits.waiting)), .string(keys.hints),
                ], within: left)
        }
        switch reply.code {
        case "ADDED": return
        case "TAKEN": throw MemoryStoreError(.conflict, "the id belongs to another ticket, or did a moment ago")
        case "FULL": throw MemoryStoreError(.full, "\(TicketLimits.waiting) tickets wait already")
        default: throw reply.unknownCode
        }
    }

    /// Takes a ticket out of the search; fast, acknowledged by Redis.
    ///
    /// A lost reply does no harm: the request is repeated and gets the same answer.
    ///
    /// - Returns: True when it is cancelled, now or by an earlier call: it will never be matched. False when it is not
    ///   there, or not any more.
    /// - Throws: ``MemoryStoreError``: `conflict` when it has been matched.
    @discardableResult
    public func cancel(_ id: String) async throws(MemoryStoreError) -> Bool {
        try TicketLimits.check(id: id)
        let reply = try await RepeatedRequest.run(within: context.timeout) { left, _ throws(MemoryStoreError) in
            try await evaluate(
                .Ticket.cancel, waiting + [result(of: id)],
                [.string(id), .integer(TicketLimits.resultMillis), .string(keys.hints), .string(id)], within: left)
        }
        switch reply.code {
        case "CANCELLED": return true
        case "ABSENT": return false
        case "MATCHED": throw MemoryStoreError(.conflict, "the ticket has been matched")
        default: throw reply.unknownCode
        }
    }

    /// Tells what has become of a ticket; fast, from Redis.
    ///
    /// - Throws: ``MemoryStoreError``
    public func state(of id: String) async throws(MemoryStoreError) -> TicketState {
        try TicketLimits.check(id: id)
        let reply = try await evaluate(.Ticket.look, waiting + [result(of: id)], [.string(id)])
        switch reply.code {
        case "WAITING": return .waiting
        case "CANCELLED": return .cancelled
        case "ABSENT": return .absent
        case "MATCHED":
            let key = keys["match:\(try reply.text(1))"]
            let found: RedisValue
            do {
                found = try await context.redis.command(["GET", .bytes(key)], timeout: context.timeout)
            } catch {
                throw MemoryStoreError(error)
            }
            guard let bytes = found.bytes else { return .absent }
            return .matched(try ValueCoding.decode(TicketMatch.self, from: bytes))
        default: throw reply.unknownCode
        }
    }

    /// Waits until a ticket no longer waits; fast, from Redis.
    ///
    /// A hint ends the wait at once; where hints are lost, the ticket is looked at every one to two seconds.
    ///
    /// - Returns: What has become of it; `waiting` when the time passed or the task was cancelled.
    /// - Throws: ``MemoryStoreError``; a Redis that is away for a moment is waited for.
    public func wait(for id: String, atMost limit: Duration) async throws(MemoryStoreError) -> TicketState {
        let deadline = ContinuousClock.now + limit
        let hints = context.redis.subscribe(keys.hints)
        defer { hints.cancel() }
        while true {
            do throws(MemoryStoreError) {
                let state = try await state(of: id)
                guard state == .waiting, .now < deadline, !Task.isCancelled else { return state }
            } catch {
                guard error.isRetriable, .now < deadline else { throw error }
            }
            if Task.isCancelled { return .waiting }
            await Self.wait(for: id, hints, until: min(.now + .floor, deadline))
        }
    }

    private static func wait(for id: String, _ hints: RedisSubscription, until end: ContinuousClock.Instant) async {
        while .now < end, !Task.isCancelled {
            switch await hints.wait(atMost: end - .now) {
            case .message(let bytes)?:
                // A hint names the tickets that it is about; one that a line break splits is only found later.
                if bytes.split(separator: UInt8(ascii: "\n")).contains(where: { $0.elementsEqual(id.utf8) }) { return }
            case .reconnected?, .overflow?: return
            case nil: continue
            }
        }
    }

    /// Lists the tickets that wait, the one that waited longest first; fast, from Redis.
    ///
    /// Reads page after page: what others change meanwhile may or may not be seen.
    ///
    /// - Throws: ``MemoryStoreError``
    public func list() async throws(MemoryStoreError) -> [WaitingTicket] {
        var tickets: [WaitingTicket] = []
        var after: [UInt8] = []
        repeat {
            let reply = try await evaluate(
                .Ticket.list, waiting, [.bytes(after), .integer(Self.pageSize)], lane: .bulk)
            let now = try reply.number(1)
            after = try reply.bytes(2)
            for index in stride(from: 3, to: reply.count, by: 5) {
                tickets.append(
                    WaitingTicket(
                        ticket: try ValueCoding.decode(Ticket.self, from: reply.bytes(index + 4)),
                        waited: .milliseconds(now - (try reply.number(index + 2))),
                        remaining: .milliseconds(try reply.number(index + 3) - now),
                        nonce: try reply.bytes(index + 1)))
            }
        } while !after.isEmpty
        return tickets
    }

    // MARK: For matchmakers

    /// Matches tickets that all still wait, or none.
    ///
    /// - Returns: Whether they were matched.
    func match(
        _ match: TicketMatch, _ tickets: [WaitingTicket]
    ) async throws(MemoryStoreError) -> Bool {
        let document = try ValueCoding.encode(match, maximum: TicketLimits.matchBytes)
        let ids = tickets.map(\.ticket.id)
        var arguments: [RedisArgument] = [
            .string(match.id), .bytes(document), .integer(TicketLimits.resultMillis), .string(keys.hints),
            .string(ids.joined(separator: "\n")),
        ]
        for ticket in tickets { arguments += [.string(ticket.ticket.id), .bytes(ticket.nonce)] }
        let reply = try await RepeatedRequest.run(within: context.timeout) { left, _ throws(MemoryStoreError) in
            try await evaluate(
                .Ticket.match, waiting + [keys["match:\(match.id)"]] + ids.map { result(of: $0) }, arguments,
                lane: .bulk, within: left)
        }
        return reply.code == "MATCHED"
    }

    /// Takes or keeps the duty of matching, or gives it back.
    ///
    /// - Returns: Whether this matchmaker has it now.
    func duty(_ nonce: RandomID, life: Duration, takes: Bool) async throws(MemoryStoreError) -> Bool {
        try await evaluate(
            .Ticket.takeDuty, [keys["duty"]],
            [.bytes(nonce.bytes), .integer(Int64(life / .milliseconds(1))), takes ? 1 : 0]
        ).code == "MINE"
    }

    private var waiting: [[UInt8]] { [keys["tickets"], keys["waiting"], keys["ends"]] }

    private func result(of id: String) -> [UInt8] {
        keys["result:"] + PercentEncoding.encode(id.utf8)
    }

    private func evaluate(
        _ script: Script, _ keys: [[UInt8]], _ arguments: [RedisArgument], lane: RedisLane = .session,
        within limit: Duration? = nil
    ) async throws(MemoryStoreError) -> ScriptReply {
        try ScriptReply(script, try await context.evaluate(script, keys: keys, arguments, lane: lane, within: limit))
    }
}

extension MemoryStore {
    /// Opens the pool of tickets `name`; nothing is sent.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for a name outside 1 to 128 characters.
    public func tickets(_ name: String) throws(MemoryStoreError) -> TicketPool {
        try MapLimits.check(name: name, "pool of tickets")
        return TicketPool(name: name, context: context, keys: context.keys.keys("tickets", name))
    }
}
