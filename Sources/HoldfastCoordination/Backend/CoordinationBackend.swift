import HoldfastStorage

/// The shared, forgetful side of coordination: leases, beats and inboxes.
///
/// Two conformers pass one suite: ``RedisCoordinationBackend`` and ``InMemoryCoordinationBackend``. Nothing here is
/// durable: every key may vanish and every message may be lost; safety rests on the store's fence.
/// Each call ends within its backend's own deadline.
public protocol CoordinationBackend: Sendable {
    /// Keeps connections until cancelled.
    func run() async throws

    /// Takes a free lease, or one that this nonce holds already, or one whose holder's boot the caller has
    /// found dead: one atomic step that also mints the token and returns the hot copy.
    ///
    /// When it is held by another, records `request.handOverTo` in the lease and answers with the holder.
    func acquire(_ request: AcquireRequest) async throws(CoordinationError) -> AcquireReply

    /// Extends leases that are still held by their nonce, any number at a time.
    ///
    /// Returns only what needs attention: leases that are absent or held by another, leases that somebody waits
    /// for, and claims whose part of the round failed. It throws only where the whole round failed.
    func renew(_ claims: [LeaseClaim], lease: Duration) async throws(CoordinationError) -> [RenewalNotice]

    /// Deletes the lease if `claim` still holds it, leaves the hot copy, and names who waits.
    /// A repeated call gets the same answer.
    func release(_ claim: LeaseClaim, hot: HotCopy?) async throws(CoordinationError) -> ReleaseReply

    /// Stores the hot copy if the lease still bears the claim's nonce; otherwise does nothing.
    func putHotCopy(_ hot: HotCopy, for claim: LeaseClaim) async throws(CoordinationError)

    /// Shows the hot copy to a reader without a lease, with its ``HotCopy/facts``, where it was the record's last
    /// committed save at `oldest` or later; nil for one that is older or of unknown age, and where there is none.
    ///
    /// It may have been superseded since: nothing may be written on the strength of it.
    func hotCopy(
        of id: RecordID, since oldest: ContinuousClock.Instant
    ) async throws(CoordinationError) -> HotCopy?

    /// Drops the hot copy and, with `token`, the lease if it bears exactly that token.
    /// Returns whether such a lease was deleted.
    func unlock(_ id: RecordID, token: Int64) async throws(CoordinationError) -> Bool

    /// Shows a lease without touching it; nil when free.
    func inspect(_ id: RecordID) async throws(CoordinationError) -> LeaseDescription?

    /// Writes this server's beat and returns what it replaced.
    func beat(_ beat: ServerBeat, timeToLive: Duration) async throws(CoordinationError) -> BeatReply

    /// Removes this server's beat if it is still this boot's.
    func withdraw(server: String, boot: RandomID) async throws(CoordinationError)

    /// Servers that beat, in order of id.
    func servers() async throws(CoordinationError) -> [ServerBeat]

    /// The beat of one server; nil when absent.
    func server(_ id: String) async throws(CoordinationError) -> ServerBeat?

    /// Asks a server to drain. False when it does not beat.
    func requestDrain(server: String) async throws(CoordinationError) -> Bool

    /// Puts a message into a server's inbox, at most 10,000 waiting; older ones are dropped.
    func send(_ message: InboxMessage, to server: String) async throws(CoordinationError)

    /// Takes messages from the inbox of `server`, waiting up to `wait` for the first.
    func receive(server: String, wait: Duration) async throws(CoordinationError) -> [InboxMessage]

    /// Reads the deployment id that the shared side carries; nil when it has none.
    func deploymentID() async throws(CoordinationError) -> RandomID?

    /// Writes the deployment id where there is none; returns the one in place afterwards.
    func installDeploymentID(_ id: RandomID) async throws(CoordinationError) -> RandomID

    /// Mode, version and round trip of the shared side.
    func status() async throws(CoordinationError) -> BackendStatus
}

/// Asks for one record's lease.
public struct AcquireRequest: Sendable {
    /// The record to lock.
    public var id: RecordID
    /// The session that asks; its nonce marks the lease and stays the same over retries.
    public var owner: Owner
    /// How long the lease lives without a renewal; 1 ms to 400 days.
    public var lease: Duration
    /// The token must exceed this: the store's fence, where it is known.
    public var floor: Int64
    /// A boot that the caller has just found dead; its lease counts as free.
    public var deadBoot: RandomID?
    /// Whether to record the wish to take over from a live holder.
    public var asksForHandOver: Bool

    /// Joins the parts; by default with no floor, and asking a live holder to hand over.
    public init(
        id: RecordID, owner: Owner, lease: Duration, floor: Int64 = 0, deadBoot: RandomID? = nil,
        asksForHandOver: Bool = true
    ) {
        self.id = id
        self.owner = owner
        self.lease = lease
        self.floor = floor
        self.deadBoot = deadBoot
        self.asksForHandOver = asksForHandOver
    }
}

/// What became of an ``AcquireRequest``.
public enum AcquireReply: Sendable, Equatable {
    /// Taken, with the new fencing token and the hot copy if there is one.
    case acquired(token: Int64, hot: HotCopy?, tookOverDeadBoot: Bool)
    /// Another nonce holds it; the lease as it stands.
    case held(LeaseDescription)
}

/// A session's hold on a lease.
public struct LeaseClaim: Sendable, Hashable {
    /// The locked record.
    public var id: RecordID
    /// The session's nonce, which the lease must bear.
    public var nonce: RandomID

    /// Joins the record and the session's nonce.
    public init(id: RecordID, nonce: RandomID) {
        self.id = id
        self.nonce = nonce
    }
}

/// A lease as it stands.
public struct LeaseDescription: Sendable, Equatable {
    /// The session that holds it, with its server and boot.
    public var owner: Owner
    /// The fencing token that the last acquire minted.
    public var token: Int64
    /// Milliseconds since 1970 by the backend's clock.
    public var sinceMillis: Int64
    /// Time until it expires unless it is renewed.
    public var remaining: Duration
    /// The server that asked for a hand-over, if any.
    public var wantedBy: String?

    /// Joins the values of one lease; checks nothing.
    public init(owner: Owner, token: Int64, sinceMillis: Int64, remaining: Duration, wantedBy: String?) {
        self.owner = owner
        self.token = token
        self.sinceMillis = sinceMillis
        self.remaining = remaining
        self.wantedBy = wantedBy
    }
}

/// What a renewal found for one claim that needs attention.
public struct RenewalNotice: Sendable, Equatable {
    /// Why a claim needs attention.
    public enum Finding: Sendable, Equatable {
        /// No lease: Redis lost it, or it expired.
        case absent
        /// Another nonce holds it.
        case heldByAnother
        /// Still held and renewed; the named server waits for it.
        case wanted(by: String)
        /// This claim's part of the round failed, or its answer was lost: it counts as not renewed.
        case unanswered
    }
    /// One of the claims that were passed to the renewal.
    public var claim: LeaseClaim
    /// What became of its lease.
    public var finding: Finding

    /// Joins a claim and what was found.
    public init(claim: LeaseClaim, finding: Finding) {
        self.claim = claim
        self.finding = finding
    }
}

/// What a release found beside the lease.
public struct ReleaseReply: Sendable, Equatable {
    /// The server that waits for this record and should be told.
    public var waiter: String?

    /// Wraps the waiter's server id, or nil when nobody waits.
    public init(waiter: String?) {
        self.waiter = waiter
    }
}

/// What a server says of itself with every beat.
public struct ServerBeat: Sendable, Equatable {
    /// The server's id: 1 to 256 bytes of UTF-8.
    public var server: String
    /// Drawn at every start of the process.
    public var boot: RandomID
    /// Counts up from 1 within a boot.
    public var number: Int64
    /// How many sessions are open on the server.
    public var sessions: Int
    /// How many of ``sessions`` are past their deadline.
    public var doubtful: Int
    /// Age of the oldest unsaved change.
    public var unsavedAge: Duration
    /// The smallest time left on any lease; nil without sessions.
    public var leaseMargin: Duration?
    /// Whether the server has stopped opening sessions.
    public var draining: Bool
    /// Whether the server's calls to Redis or the store keep failing.
    public var critical = false
    /// Free JSON from the game, at most 8 KiB.
    public var status: String
    /// Time since the backend saw it; zero when sending.
    public var age: Duration

    /// Joins the values of one beat; the backend checks them when it sends.
    public init(
        server: String, boot: RandomID, number: Int64, sessions: Int = 0, doubtful: Int = 0,
        unsavedAge: Duration = .zero, leaseMargin: Duration? = nil, draining: Bool = false, status: String = "{}",
        age: Duration = .zero
    ) {
        self.server = server
        self.boot = boot
        self.number = number
        self.sessions = sessions
        self.doubtful = doubtful
        self.unsavedAge = unsavedAge
        self.leaseMargin = leaseMargin
        self.draining = draining
        self.status = status
        self.age = age
    }
}

/// What a beat learned from the shared side.
public struct BeatReply: Sendable, Equatable {
    /// The beat that was replaced; nil when there was none.
    public var previousNumber: Int64?
    /// The boot of the beat that was replaced; nil when there was none.
    public var previousBoot: RandomID?
    /// An operator asked this server to drain.
    public var drainRequested: Bool
    /// Names the run of the backend that answered.
    ///
    /// Another name means a restart or a failover.
    public var run: String

    /// Joins what the backend found; checks nothing.
    public init(previousNumber: Int64?, previousBoot: RandomID?, drainRequested: Bool, run: String) {
        self.previousNumber = previousNumber
        self.previousBoot = previousBoot
        self.drainRequested = drainRequested
        self.run = run
    }
}

/// What one server tells another.
///
/// A hint only: everything it says is found by polling too.
public enum InboxMessage: Sendable, Equatable {
    /// Somebody waits for this record; the nonce names the holder's session.
    case handOver(id: RecordID, nonce: RandomID, to: String)
    /// The record was released.
    case released(id: RecordID)
    /// An operation was delivered to this record.
    case operations(id: RecordID)
    /// An operator asks for something and waits in the inbox `replyTo`, sending it again until the answer comes.
    case order(SessionOrder, id: RecordID, request: RandomID, replyTo: String)
    /// The answer to an order: canonical JSON.
    case answer(id: RecordID, request: RandomID, document: [UInt8])
}

/// What the shared side says of itself.
public struct BackendStatus: Sendable, Equatable {
    /// `standalone`, `embedded` or `memory`.
    public var mode: String
    /// The version of the server software, in its own words; empty when unknown.
    public var version: String
    /// The time that one round trip took just now.
    public var latency: Duration

    /// Joins the three values; checks nothing.
    public init(mode: String, version: String, latency: Duration) {
        self.mode = mode
        self.version = version
        self.latency = latency
    }
}
