import Foundation
import HoldfastStorage
import Synchronization

/// Coordinates servers of one process, without Redis: for a game's own tests and for trying things out.
///
/// It answers as ``RedisCoordinationBackend`` does. Give one value, or several that share one space
/// (``init(sharing:)``), to the servers of a test; each value is a link of its own that can go offline or hang
/// alone. ``flush()``, ``restart()`` and ``rollBack(to:)`` do what a Redis does to its users.
public final class InMemoryCoordinationBackend: CoordinationBackend {
    /// Everything that was in place at one moment.
    public struct Snapshot: Sendable {
        fileprivate let state: InMemoryState
    }

    private let space: InMemorySpace
    private let link = InMemoryLink()
    private let unrenewed = Mutex<Set<RecordID>>([])
    private let losesMessages = Mutex(false)
    private let timeout: Duration
    private let hotCopyMillis: Int64
    private let counterMillis: Int64

    /// Makes an empty space and a link to it.
    ///
    /// - Parameters:
    ///   - timeout: How long a call waits while the link is paused.
    ///   - hotCopyLife: How long a hot copy is kept.
    ///   - now: Milliseconds since 1970; leases, beats and inboxes expire by it. Only the waiting in
    ///     ``receive(server:wait:)`` and in a pause is real time.
    public init(
        timeout: Duration = .seconds(5), hotCopyLife: Duration = .seconds(600),
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
    ) {
        self.space = InMemorySpace(now: now)
        self.timeout = timeout
        self.hotCopyMillis = max(hotCopyLife.wholeMillis, 1)
        self.counterMillis = BackendLimits.counterLife.wholeMillis
    }

    /// Makes another link to the space of `other`: a second server of the same deployment.
    public init(sharing other: InMemoryCoordinationBackend) {
        self.space = other.space
        self.timeout = other.timeout
        self.hotCopyMillis = other.hotCopyMillis
        self.counterMillis = other.counterMillis
    }

    /// Waits until cancelled; there is no connection to keep.
    public func run() async throws {
        let forever = Signal()
        while !Task.isCancelled { await forever.wait(atMost: .seconds(3_600)) }
    }

    // MARK: - Faults

    /// Drops everything, as FLUSHALL does; the run stays the same.
    public func flush() {
        space.replace(with: InMemoryState(), newRun: false)
    }

    /// Begins another run with the same data, as a Redis that restarts from a complete log.
    public func restart() {
        space.replace(with: nil, newRun: true)
    }

    /// Remembers everything that is in place.
    public func snapshot() -> Snapshot {
        Snapshot(state: space.snapshot())
    }

    /// Begins another run with older data, as a Redis that restarts from a stale file or fails over to a
    /// replica that lags.
    public func rollBack(to snapshot: Snapshot) {
        space.replace(with: snapshot.state, newRun: true)
    }

    /// Refuses this link's calls as unavailable until ``goOnline()``.
    ///
    /// What a pause held back is dropped.
    public func goOffline() {
        link.enter(.offline)
    }

    /// Ends ``goOffline()`` and ``pause()``.
    public func goOnline() {
        link.enter(.online)
    }

    /// Lets this link's calls hang until ``resume()``: they end as `outcomeUnknown` at the timeout, and take
    /// effect on resumption all the same.
    public func pause() {
        link.enter(.paused)
    }

    /// Executes what was asked during a pause, in order, and goes on.
    public func resume() {
        link.enter(.online)
    }

    /// Makes every call of this link take that much longer; zero ends it.
    public func delay(by latency: Duration) {
        link.delay(by: latency)
    }

    /// Leaves this link's renewals of these records unanswered, as one failed call among the many of a round.
    ///
    /// Replaces the records of an earlier call; an empty set ends it.
    public func failRenewals(of records: Set<RecordID>) {
        unrenewed.withLock { $0 = records }
    }

    /// Loses every message that this link sends from now on; false ends it.
    public func loseMessages(_ isLosing: Bool = true) {
        losesMessages.withLock { $0 = isLosing }
    }

    // MARK: - Leases

    /// Takes a lease that is free, the nonce's own, or a dead boot's, and mints its token: one atomic step.
    public func acquire(_ request: AcquireRequest) async throws(CoordinationError) -> AcquireReply {
        try BackendLimits.check(server: request.owner.server)
        try BackendLimits.check(floor: request.floor)
        let millis = try BackendLimits.millis(request.lease, "lease")
        let counterMillis = counterMillis
        return try await step { state, _, now in
            state.acquire(request, leaseMillis: millis, counterMillis: counterMillis, now: now)
        }
    }

    /// Extends leases that their nonces still hold, and reports those that need attention.
    public func renew(_ claims: [LeaseClaim], lease: Duration) async throws(CoordinationError) -> [RenewalNotice] {
        let millis = try BackendLimits.millis(lease, "lease")
        let lost = unrenewed.withLock { $0 }
        let notices = try await step { state, _, now in
            state.renew(claims.filter { !lost.contains($0.id) }, leaseMillis: millis, now: now)
        }
        return notices + claims.filter { lost.contains($0.id) }.map { RenewalNotice(claim: $0, finding: .unanswered) }
    }

    /// Deletes the lease if the claim still holds it, leaves the hot copy, and names who waits.
    ///
    /// A hot copy that could not be kept never holds the release up.
    public func release(_ claim: LeaseClaim, hot: HotCopy?) async throws(CoordinationError) -> ReleaseReply {
        if let hot { try? await putHotCopy(hot, for: claim) }
        return try await step { state, _, now in state.release(claim, now: now) }
    }

    /// Stores the hot copy if the lease still bears the claim's nonce; one above 64 KiB is not kept.
    public func putHotCopy(_ hot: HotCopy, for claim: LeaseClaim) async throws(CoordinationError) {
        try BackendLimits.check(hot)
        guard hot.payload.count <= HotCopy.maximumBytes else { return }
        let life = hotCopyMillis
        try await step { state, _, now in
            let age = hot.facts.map { CopyAge.millis(since: $0.confirmedAt, now: .now) }
            state.putHotCopy(hot, age: age ?? 0, for: claim, life: life, now: now)
        }
    }

    /// Shows the hot copy to a reader without a lease, where it was the last committed save at `oldest` or later.
    public func hotCopy(
        of id: RecordID, since oldest: ContinuousClock.Instant
    ) async throws(CoordinationError) -> HotCopy? {
        let asked = ContinuousClock.now
        guard let largest = CopyAge.largest(since: oldest, now: asked) else { return nil }
        let found = try await step { state, _, now in state.hotCopy(of: id, largestAge: largest, now: now) }
        guard let found,
            let facts = HotCopyFacts(encoded: found.facts, confirmedAt: CopyAge.moment(found.age, asked: asked))
        else { return nil }
        var copy = found.copy
        copy.facts = facts
        return copy
    }

    /// Drops the hot copy, and the lease if it bears exactly that token.
    public func unlock(_ id: RecordID, token: Int64) async throws(CoordinationError) -> Bool {
        try BackendLimits.check(token: token)
        return try await step { state, _, now in state.unlock(id, token: token, now: now) }
    }

    /// Shows a lease without touching it; nil when free.
    public func inspect(_ id: RecordID) async throws(CoordinationError) -> LeaseDescription? {
        try await step { state, _, now in state.inspect(id, now: now) }
    }

    // MARK: - Servers

    /// Writes this server's beat and returns what it replaced.
    public func beat(_ beat: ServerBeat, timeToLive: Duration) async throws(CoordinationError) -> BeatReply {
        let beat = try BackendLimits.normalized(beat)
        let life = try BackendLimits.millis(timeToLive, "beat's life")
        return try await step { state, run, now in state.beat(beat, life: life, run: run, now: now) }
    }

    /// Removes this server's beat if it is still this boot's.
    public func withdraw(server: String, boot: RandomID) async throws(CoordinationError) {
        try BackendLimits.check(server: server)
        try await step { state, _, now in state.withdraw(server: server, boot: boot, now: now) }
    }

    /// Lists the servers that beat, in the order of their ids' bytes.
    public func servers() async throws(CoordinationError) -> [ServerBeat] {
        try await step { state, _, now in state.servers(now: now) }
    }

    /// Reads the beat of one server; nil when absent.
    public func server(_ id: String) async throws(CoordinationError) -> ServerBeat? {
        try BackendLimits.check(server: id)
        return try await step { state, _, now in state.server(id, now: now) }
    }

    /// Asks a server to drain, which its next beat tells it; false when it does not beat.
    public func requestDrain(server: String) async throws(CoordinationError) -> Bool {
        try BackendLimits.check(server: server)
        return try await step { state, _, now in state.requestDrain(server: server, now: now) }
    }

    // MARK: - Inboxes

    /// Puts a message into a server's inbox, where the last 10,000 wait.
    public func send(_ message: InboxMessage, to server: String) async throws(CoordinationError) {
        try BackendLimits.check(server: server)
        let (space, isLost) = (space, losesMessages.withLock { $0 })
        try await link.perform(atMost: timeout) { if !isLost { space.send(message, to: server) } }
    }

    /// Takes up to 1,000 messages, waiting for the first.
    public func receive(server: String, wait: Duration) async throws(CoordinationError) -> [InboxMessage] {
        try BackendLimits.check(server: server)
        let (space, deadline) = (space, ContinuousClock.now + wait)
        while true {
            let signal = Signal()
            link.listen(signal)
            defer {
                link.forget(signal)
                space.forget(signal, server: server)
            }
            let taken = try await link.perform(atMost: timeout) { space.receive(server: server, orFire: signal) }
            let left = deadline - .now
            guard taken.isEmpty, left > .zero else { return taken }
            await signal.wait(atMost: left)
            if Task.isCancelled { throw CoordinationError(.outcomeUnknown, "the caller was cancelled") }
        }
    }

    // MARK: - Deployment

    /// Reads the deployment id; nil where there is none.
    public func deploymentID() async throws(CoordinationError) -> RandomID? {
        try await step { state, _, _ in state.deployment }
    }

    /// Writes the deployment id where there is none, and returns the one in place.
    public func installDeploymentID(_ id: RandomID) async throws(CoordinationError) -> RandomID {
        try await step { state, _, _ in state.install(id) }
    }

    /// Measures one round trip.
    public func status() async throws(CoordinationError) -> BackendStatus {
        let start = ContinuousClock.now
        try await step { _, _, _ in }
        return BackendStatus(mode: "memory", version: "1", latency: .now - start)
    }

    private func step<Value: Sendable>(
        _ body: @escaping @Sendable (inout InMemoryState, _ run: String, _ now: Int64) -> Value
    ) async throws(CoordinationError) -> Value {
        let space = space
        return try await link.perform(atMost: timeout) { space.step(body) }
    }
}
