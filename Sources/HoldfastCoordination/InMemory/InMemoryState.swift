import HoldfastStorage

/// What a Redis would hold, and what its scripts would do with it; every method is one atomic step.
///
/// `now` is in milliseconds since 1970. As in Redis, a key is gone once its time has passed.
struct InMemoryState: Sendable {
    struct Expiring<Value: Sendable>: Sendable {
        var value: Value
        var endsAt: Int64
    }
    struct Lease: Sendable {
        var owner: Owner
        var token: Int64
        var since: Int64
        var wantedBy: String?
    }
    struct Beat: Sendable {
        var beat: ServerBeat
        var at: Int64
        var drainRequested: Bool
    }
    struct KeptCopy: Sendable {
        /// Without its facts.
        var copy: HotCopy
        /// The facts as Redis would keep them, and when they held.
        var facts: [UInt8]?
        var seenAt: Int64
    }
    /// Server ids compare as bytes, as they do in Redis.
    typealias ServerKey = [UInt8]

    private var leases: [RecordID: Expiring<Lease>] = [:]
    private var counters: [RecordID: Expiring<Int64>] = [:]
    private var hotCopies: [RecordID: Expiring<KeptCopy>] = [:]
    private var latches: [LeaseClaim: Expiring<String>] = [:]
    private var beats: [ServerKey: Expiring<Beat>] = [:]
    private var inboxes: [ServerKey: Expiring<[InboxMessage]>] = [:]
    private(set) var deployment: RandomID?

    // MARK: - Leases

    mutating func acquire(
        _ request: AcquireRequest, leaseMillis: Int64, counterMillis: Int64, now: Int64
    ) -> AcquireReply {
        let held = Self.living(leases[request.id], now)
        let mine = held?.owner.nonce == request.owner.nonce
        let dead = held != nil && !mine && request.deadBoot != nil && held?.owner.boot == request.deadBoot
        if let held, !mine, !dead {
            if request.asksForHandOver { leases[request.id]?.value.wantedBy = request.owner.server }
            return .held(describe(leases[request.id]?.value ?? held, request.id, now))
        }
        let counted = Self.countable(Self.living(counters[request.id], now))
        let heldToken = Self.countable(held?.token)
        var token = max(counted, heldToken, request.floor) + 1
        if mine, heldToken > request.floor { token = heldToken }
        leases[request.id] = Expiring(
            value: Lease(
                owner: request.owner, token: token, since: mine ? held?.since ?? now : now,
                wantedBy: mine ? held?.wantedBy : nil
            ),
            endsAt: now + leaseMillis
        )
        counters[request.id] = Expiring(value: max(counted, token), endsAt: now + counterMillis)
        return .acquired(token: token, hot: Self.living(hotCopies[request.id], now)?.copy, tookOverDeadBoot: dead)
    }

    /// A counter at its end begins again, as one that was lost; the store's fence then raises the floor.
    private static func countable(_ token: Int64?) -> Int64 {
        guard let token, token < BackendLimits.largestToken else { return 0 }
        return token
    }

    mutating func renew(_ claims: [LeaseClaim], leaseMillis: Int64, now: Int64) -> [RenewalNotice] {
        claims.compactMap { claim in
            guard let held = Self.living(leases[claim.id], now) else {
                return RenewalNotice(claim: claim, finding: .absent)
            }
            guard held.owner.nonce == claim.nonce else {
                return RenewalNotice(claim: claim, finding: .heldByAnother)
            }
            leases[claim.id]?.endsAt = now + leaseMillis
            return held.wantedBy.map { RenewalNotice(claim: claim, finding: .wanted(by: $0)) }
        }
    }

    mutating func release(_ claim: LeaseClaim, now: Int64) -> ReleaseReply {
        guard let held = Self.living(leases[claim.id], now), held.owner.nonce == claim.nonce else {
            return ReleaseReply(waiter: Self.living(latches[claim], now))
        }
        leases[claim.id] = nil
        if let waiter = held.wantedBy {
            latches[claim] = Expiring(value: waiter, endsAt: now + BackendLimits.latchLifeMillis)
        }
        return ReleaseReply(waiter: held.wantedBy)
    }

    mutating func putHotCopy(_ hot: HotCopy, age: Int64, for claim: LeaseClaim, life: Int64, now: Int64) {
        guard Self.living(leases[claim.id], now)?.owner.nonce == claim.nonce else { return }
        var copy = hot
        copy.facts = nil
        let kept = KeptCopy(copy: copy, facts: hot.facts?.encoded, seenAt: now - age)
        hotCopies[claim.id] = Expiring(value: kept, endsAt: now + life)
    }

    func hotCopy(
        of id: RecordID, largestAge: Int64, now: Int64
    ) -> (copy: HotCopy, facts: [UInt8], age: Int64)? {
        guard let kept = Self.living(hotCopies[id], now), let facts = kept.facts else { return nil }
        let age = now - kept.seenAt
        return (0...largestAge).contains(age) ? (kept.copy, facts, age) : nil
    }

    mutating func unlock(_ id: RecordID, token: Int64, now: Int64) -> Bool {
        hotCopies[id] = nil
        guard Self.living(leases[id], now)?.token == token else { return false }
        leases[id] = nil
        return true
    }

    func inspect(_ id: RecordID, now: Int64) -> LeaseDescription? {
        Self.living(leases[id], now).map { describe($0, id, now) }
    }

    private func describe(_ lease: Lease, _ id: RecordID, _ now: Int64) -> LeaseDescription {
        LeaseDescription(
            owner: lease.owner, token: lease.token, sinceMillis: lease.since,
            remaining: .milliseconds((leases[id]?.endsAt ?? now) - now), wantedBy: lease.wantedBy
        )
    }

    // MARK: - Servers

    mutating func beat(_ beat: ServerBeat, life: Int64, run: String, now: Int64) -> BeatReply {
        let key = Array(beat.server.utf8)
        let found = Self.living(beats[key], now)
        let sameBoot = found?.beat.boot == beat.boot
        let asked = sameBoot && found?.drainRequested == true
        if let found, sameBoot, found.beat.number > beat.number {
            beats[key]?.endsAt = now + life
        } else {
            beats[key] = Expiring(value: Beat(beat: beat, at: now, drainRequested: asked), endsAt: now + life)
        }
        return BeatReply(
            previousNumber: found?.beat.number, previousBoot: found?.beat.boot, drainRequested: asked, run: run
        )
    }

    mutating func withdraw(server: String, boot: RandomID, now: Int64) {
        let key = Array(server.utf8)
        if Self.living(beats[key], now)?.beat.boot == boot { beats[key] = nil }
    }

    func servers(now: Int64) -> [ServerBeat] {
        beats.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { Self.aged($0.value, now) }
    }

    func server(_ id: String, now: Int64) -> ServerBeat? {
        Self.aged(beats[Array(id.utf8)], now)
    }

    mutating func requestDrain(server: String, now: Int64) -> Bool {
        let key = Array(server.utf8)
        guard Self.living(beats[key], now) != nil else { return false }
        beats[key]?.value.drainRequested = true
        return true
    }

    private static func aged(_ found: Expiring<Beat>?, _ now: Int64) -> ServerBeat? {
        guard let found = living(found, now) else { return nil }
        var beat = found.beat
        beat.age = .milliseconds(max(now - found.at, 0))
        return beat
    }

    // MARK: - Inboxes and deployment

    mutating func send(_ message: InboxMessage, to server: String, now: Int64) {
        let key = Array(server.utf8)
        var waiting = Self.living(inboxes[key], now) ?? []
        waiting.append(message)
        waiting.removeFirst(max(waiting.count - BackendLimits.inboxMessages, 0))
        inboxes[key] = Expiring(value: waiting, endsAt: now + BackendLimits.inboxLifeMillis)
    }

    mutating func receive(server: String, now: Int64) -> [InboxMessage] {
        let key = Array(server.utf8)
        let waiting = Self.living(inboxes[key], now) ?? []
        let taken = Array(waiting.prefix(BackendLimits.receiveBatch))
        if taken.count == waiting.count {
            inboxes[key] = nil
        } else {
            inboxes[key]?.value.removeFirst(taken.count)
        }
        return taken
    }

    mutating func install(_ id: RandomID) -> RandomID {
        let installed = deployment ?? id
        deployment = installed
        return installed
    }

    private static func living<Value>(_ entry: Expiring<Value>?, _ now: Int64) -> Value? {
        guard let entry, entry.endsAt >= now else { return nil }
        return entry.value
    }
}
