public import HoldfastStorage

/// Decides the steps of one open: acquire in Redis, seal at the store, and what to do when either says no.
///
/// Pure: each method takes what has happened and returns what to do next. ``Claimer`` runs the actions.
/// Every step may be repeated after a lost answer, because the nonce stays the same throughout.
public struct ClaimMachine: Sendable {
    /// What to do next.
    public enum Action: Sendable, Equatable {
        case acquire(floor: Int64, deadBoot: RandomID?)
        case seal(token: Int64, hot: HotCopy?)
        /// Look up the holder's beat, then call ``holderChecked(beats:mayJudge:now:)``.
        case checkHolder(Owner)
        /// Free a lease that an earlier open of this very process left behind.
        case releaseStray(nonce: RandomID)
        /// Tell the holder, then wait for its release or this time.
        case askAndWait(holder: Owner, until: ContinuousClock.Instant)
        case wait(until: ContinuousClock.Instant)
        case done
        case fail(ClaimFailure)
    }

    /// How the record came to this server.
    public enum Origin: Sendable, Equatable {
        case free
        case handOver(from: String)
        case takeOver(from: String)
    }

    private let boot: RandomID
    private let deadline: ContinuousClock.Instant
    private let poll: Duration
    private let renewal: Duration
    private let waits: Bool
    private var floor: Int64 = 0
    private var holder: Owner?
    /// Until when a holder that only the store still knows is waited for; nil while there is none such.
    private var forgottenUntil: ContinuousClock.Instant?
    /// Whether that holder's server has been found to beat, so that the next wake-up is its release.
    private var isForgottenAlive = false
    private var hasMetForgotten = false
    private var isHolderDead = false
    private var retries = 0
    /// How the record came here; final once the machine is done.
    public private(set) var origin: Origin = .free

    /// Prepares an open.
    ///
    /// - Parameters:
    ///   - boot: This server's boot.
    ///   - deadline: When to give up.
    ///   - poll: How often to look again at a held lease when no wake-up comes.
    ///   - renewal: The renewal interval: the longest that a superseding owner is waited for after Redis lost its
    ///     lease.
    ///   - waits: Whether a live holder is asked to hand over; if not, a held lease fails at once.
    public init(
        boot: RandomID, deadline: ContinuousClock.Instant, poll: Duration, renewal: Duration, waits: Bool
    ) {
        self.boot = boot
        self.deadline = deadline
        self.poll = poll
        self.renewal = renewal
        self.waits = waits
    }

    /// The first step.
    public func start() -> Action {
        .acquire(floor: floor, deadBoot: nil)
    }

    /// Redis answered the acquire.
    ///
    /// `knowsNonce` tells whether a nonce belongs to an open or a session here.
    public mutating func acquired(_ reply: AcquireReply, knowsNonce: (RandomID) -> Bool) -> Action {
        retries = 0
        switch reply {
        case .acquired(let token, let hot, let tookOver):
            forgottenUntil = nil
            if let holder {
                let isDead = tookOver || isHolderDead
                origin = isDead ? .takeOver(from: holder.server) : .handOver(from: holder.server)
            }
            return .seal(token: token, hot: hot)
        case .held(let lease):
            forgottenUntil = nil
            isHolderDead = false
            holder = lease.owner
            if lease.owner.boot == boot, !knowsNonce(lease.owner.nonce) {
                return .releaseStray(nonce: lease.owner.nonce)
            }
            return .checkHolder(lease.owner)
        }
    }

    /// The holder's beat was looked up: `boot` of the beat found, or nil when it is absent.
    public mutating func holderChecked(beats found: RandomID?, mayJudge: Bool, now: ContinuousClock.Instant) -> Action {
        guard let holder else { return start() }
        let alive = found == holder.boot
        if !alive, mayJudge {
            isHolderDead = true
            return .acquire(floor: floor, deadBoot: holder.boot)
        }
        guard now < deadline else { return .fail(.held(by: holder)) }
        if alive, !waits { return .fail(.held(by: holder)) }
        if let forgottenUntil {
            // The lease is this open's already. A live holder is asked once and given the whole time.
            guard now < forgottenUntil else { return .acquire(floor: floor, deadBoot: nil) }
            isForgottenAlive = alive
            if alive { return .askAndWait(holder: holder, until: forgottenUntil) }
            return .wait(until: min(now + poll, forgottenUntil))
        }
        let until = min(now + poll, deadline)
        return alive ? .askAndWait(holder: holder, until: until) : .wait(until: until)
    }

    /// The time of a wait has come, or a wake-up.
    public mutating func woke(now: ContinuousClock.Instant) -> Action {
        if now >= deadline, let holder { return .fail(.held(by: holder)) }
        if let forgottenUntil, !isForgottenAlive, now < forgottenUntil, let holder { return .checkHolder(holder) }
        return .acquire(floor: floor, deadBoot: nil)
    }

    /// The store answered the seal.
    ///
    /// A stale seal means that Redis forgot a holder. If the row's owner still beats it is asked to hand over and
    /// waited for, and nobody is waited for longer than one renewal; then, or at once where its server is dead, a token
    /// above the store's fence is minted. An open that does not wait leaves a live owner alone.
    public mutating func sealed(_ outcome: SealOutcome, now: ContinuousClock.Instant) -> Action {
        retries = 0
        switch outcome {
        case .sealed:
            return .done
        case .stale(let row):
            guard now < deadline else { return .fail(.unsealed) }
            floor = max(floor, row.fence)
            guard let owner = row.owner, owner.boot != boot, !hasMetForgotten else {
                return .acquire(floor: floor, deadBoot: nil)
            }
            hasMetForgotten = true
            holder = owner
            isForgottenAlive = false
            isHolderDead = false
            forgottenUntil = min(now + renewal, deadline)
            return .checkHolder(owner)
        }
    }

    /// A step failed.
    ///
    /// Retriable failures are tried again until the deadline, with the pauses of their class.
    public mutating func failed(
        isRetriable: Bool, pauses: RetryPauses = .outage, now: ContinuousClock.Instant, jitter: Double
    ) -> Action {
        guard isRetriable, now < deadline else { return .fail(.failed) }
        retries += 1
        return .wait(until: min(now + pauses.pause(after: retries, chance: jitter), deadline))
    }
}

/// Why an open gave up.
public enum ClaimFailure: Sendable, Equatable {
    /// A live server holds the record and did not release it in time.
    case held(by: Owner)
    /// The store kept refusing the token until the deadline.
    case unsealed
    /// Redis or the store failed; the caller has the error.
    case failed
}
