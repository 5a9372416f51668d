import HoldfastStorage

/// What an open ends with: a lease, a sealed row and what the session starts from.
public struct Claimed: Sendable {
    /// This session's own name, as the row carries it.
    public let owner: Owner
    /// The fencing token that was sealed; every save carries it.
    public let token: Int64
    /// What the store returned with the seal.
    public let record: SealedRecord
    /// The stored content: from the store, or the hot copy that matched the sealed row.
    public let content: Content?
    /// Whether the payload of ``content`` came from Redis: what is wrong with it says nothing about the store's.
    public let isHotCopy: Bool
    /// Whether the record was free, handed over or taken over.
    public let origin: ClaimMachine.Origin
    /// The time before the acquire was sent: the lease counts from here.
    public let leasedAt: ContinuousClock.Instant
}

/// Why an open failed.
public enum ClaimError: Error, Sendable {
    case held(by: Owner)
    case unsealed
    case coordination(CoordinationError)
    case store(StoreError)
    case cancelled
}

/// Runs ``ClaimMachine``: lock and load for one record.
public struct Claimer: Sendable {
    let identity: ServerIdentity
    let backend: any CoordinationBackend
    let committer: GroupCommitter
    let membership: Membership
    let releases: ReleaseSignals
    let lease: Duration
    let renewal: Duration
    let metrics = CoordinationMetrics()

    /// Joins the parts that an open needs.
    public init(
        identity: ServerIdentity, backend: any CoordinationBackend, committer: GroupCommitter, membership: Membership,
        releases: ReleaseSignals, lease: Duration, renewal: Duration
    ) {
        self.identity = identity
        self.backend = backend
        self.committer = committer
        self.membership = membership
        self.releases = releases
        self.lease = lease
        self.renewal = renewal
    }

    /// Takes the lease and seals the row under `nonce`.
    ///
    /// On any failure the lease is given back.
    ///
    /// - Parameters:
    ///   - waits: Whether to ask a live holder to hand over and wait for it.
    ///   - isAbandoned: Polled between steps: true ends the open.
    ///   - knowsNonce: Whether a nonce belongs to an open or a session of this process.
    ///   - onRetry: Told of each failure of Redis or the store that the open goes on after.
    public func claim(
        _ id: RecordID, nonce: RandomID, deadline: ContinuousClock.Instant, waits: Bool,
        isAbandoned: @Sendable () -> Bool, knowsNonce: @Sendable (RandomID) -> Bool,
        onRetry: @Sendable (ClaimError) -> Void = { _ in }
    ) async throws(ClaimError) -> Claimed {
        let owner = identity.owner(nonce: nonce)
        var machine = ClaimMachine(
            boot: identity.boot, deadline: deadline, poll: min(.milliseconds(250), renewal / 4), renewal: renewal,
            waits: waits
        )
        var action = machine.start()
        var error: ClaimError?
        var leasedAt = ContinuousClock.now
        var mayHoldLease = false
        var token: Int64 = 0
        var hot: HotCopy?
        var sealedRecord: SealedRecord?

        func remember(_ failure: ClaimError, isRetriable: Bool, _ pauses: RetryPauses) -> ClaimMachine.Action {
            error = failure
            if isRetriable { onRetry(failure) }
            return machine.failed(isRetriable: isRetriable, pauses: pauses, now: .now, jitter: .random(in: 0...1))
        }

        steps: while true {
            if isAbandoned() || Task.isCancelled {
                error = .cancelled
                break
            }
            switch action {
            case .acquire(let floor, let deadBoot):
                leasedAt = .now
                mayHoldLease = true
                do {
                    let reply = try await backend.acquire(
                        AcquireRequest(
                            id: id, owner: owner, lease: lease, floor: floor, deadBoot: deadBoot, asksForHandOver: waits
                        )
                    )
                    metrics.acquires.record(duration: ContinuousClock.now - leasedAt)
                    if case .acquired(let minted, let copy, _) = reply { (token, hot) = (minted, copy) }
                    if case .held = reply { mayHoldLease = false }
                    action = machine.acquired(reply, knowsNonce: knowsNonce)
                } catch {
                    action = remember(.coordination(error), isRetriable: error.isRetriable, error.code.retryPauses)
                }
            case .seal(let token, let hot):
                let began = ContinuousClock.now
                do {
                    let outcome = try await committer.seal(
                        SealRequest(id: id, token: token, owner: owner, hot: hot?.reference),
                        timeout: max(.milliseconds(1), deadline - .now)
                    )
                    metrics.seals.record(duration: ContinuousClock.now - began)
                    if case .sealed(let record) = outcome { sealedRecord = record }
                    action = machine.sealed(outcome, now: .now)
                } catch {
                    let retry = remember(.store(error), isRetriable: error.isRetriable, error.code.retryPauses)
                    // The pause, then the very same seal: its answer may only have been lost.
                    if case .wait(let until) = retry {
                        try? await Task.sleep(until: until, clock: .continuous)
                        action = .seal(token: token, hot: hot)
                    } else {
                        action = retry
                    }
                }
            case .checkHolder(let holder):
                do {
                    let beat = try await backend.server(holder.server)
                    if beat?.boot != holder.boot { try await membership.confirm() }
                    action = machine.holderChecked(
                        beats: beat?.boot, mayJudge: membership.mayJudge(), now: .now
                    )
                } catch {
                    action = remember(.coordination(error), isRetriable: error.isRetriable, error.code.retryPauses)
                }
            case .releaseStray(let stray):
                _ = try? await backend.release(LeaseClaim(id: id, nonce: stray), hot: nil)
                action = machine.failed(isRetriable: true, now: .now, jitter: .random(in: 0...1))
            case .askAndWait(let holder, let until):
                metrics.handOversAsked.increment()
                let wake = releases.register(id)
                try? await backend.send(.handOver(id: id, nonce: holder.nonce, to: identity.id), to: holder.server)
                await releases.wait(wake, until: until)
                action = machine.woke(now: .now)
            case .wait(let until):
                await releases.wait(releases.register(id), until: until)
                action = machine.woke(now: .now)
            case .done:
                guard let sealedRecord else { break steps }
                let content: Content?
                var isHotCopy = false
                switch sealedRecord.document {
                case .none: content = nil
                case .stored(let stored): content = stored
                case .hotCopyMatches(let schema, let userIDs, let metadata):
                    guard let hot else {
                        // Never the template in place of a document.
                        error = .store(StoreError(.internalError, "the store matched a hot copy that was not offered"))
                        break steps
                    }
                    isHotCopy = true
                    content = Content(
                        payload: Payload(
                            bytes: hot.payload, checksum: hot.reference.checksum, documentBytes: hot.documentBytes
                        ),
                        schema: schema, userIDs: userIDs, metadata: metadata
                    )
                }
                return Claimed(
                    owner: owner, token: token, record: sealedRecord, content: content, isHotCopy: isHotCopy,
                    origin: machine.origin, leasedAt: leasedAt
                )
            case .fail(let failure):
                switch failure {
                case .held(let holder): error = .held(by: holder)
                case .unsealed: error = .unsealed
                case .failed: break
                }
                break steps
            }
        }
        if mayHoldLease { await giveBack(LeaseClaim(id: id, nonce: nonce)) }
        throw error ?? .coordination(CoordinationError(.deadline, "the open of \(id) ran out of time"))
    }

    /// Releases a lease that no session will use, and tells who waits for it.
    ///
    /// Losing this costs one lease time.
    public func giveBack(_ claim: LeaseClaim) async {
        guard let reply = try? await backend.release(claim, hot: nil), let waiter = reply.waiter else { return }
        try? await backend.send(.released(id: claim.id), to: waiter)
    }
}
