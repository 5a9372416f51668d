public import HoldfastStorage
public import Tracing

/// What a coordinator is told at its start.
///
/// Times that all servers share are compared with the store's.
public struct CoordinatorConfiguration: Sendable {
    /// The server's name in the fleet: 1 to 64 of the characters `A–Z a–z 0–9 _ . -`.
    public var serverID: String
    /// Lease, renewal and beat; must equal what `holdfast migrate` stored for the deployment.
    public var timings = DeploymentTimings()
    /// After how many missed beats a server's beat is gone.
    public var beatsToLive = 3
    /// The longest time a change of an active session stays unsaved.
    public var autosave: Duration = .seconds(60)
    /// How long `open` waits for a hand-over or a take-over.
    public var openTimeout: Duration = .seconds(20)
    /// How long `save`, `close` and a transaction wait for the store.
    public var saveTimeout: Duration = .seconds(10)
    /// How long a shutdown may take to save and release everything.
    public var drainTimeout: Duration = .seconds(25)
    /// How many requests a second this server may send to the store; nil for any.
    ///
    /// For the committer that the coordinator makes; one that it is given has a budget of its own.
    public var budget: RequestBudget?
    /// On how many profiles enqueued work is done at once; at least 1.
    public var workAtOnce = 16
    /// After which time receipts of operations keep only what recognises them; dead letters stay whole.
    ///
    /// Not negative.
    public var receiptRetention: Duration = .seconds(30 * 86_400)
    /// For how long history keeps a version after it was replaced; snapshots are no exception.
    ///
    /// Not negative.
    public var historyRetention: Duration = .seconds(30 * 86_400)
    /// When this server counts as critical.
    public var healthPolicy = HealthPolicy()
    /// Whether every call to Redis and the store and every step of this server's own is logged, as one line each.
    ///
    /// The lines have level `trace` and are written whatever the logger's level is. They name records, and hold no
    /// player data.
    public var traces = false
    /// Makes spans of every step of this server's own, and of every call to Redis and the store below them.
    ///
    /// Steps are opens, saves and closes, deliveries and attempts at operations, transactions and trades, and more.
    /// Nil makes none; `InstrumentationSystem.tracer` is the one that the process has bootstrapped.
    public var tracer: (any Tracer)?
    /// Whether the fleet copies profiles now and then; the same on every server.
    public var backups: BackupPolicy?
    /// Knows the boards that collections project scores to: the memory store; needed only for those.
    public var boards: (any ScoreBoards)?
    /// Is told what happened to sessions.
    public var observer: (any SessionObserver)?

    /// Names the server; everything else has a default.
    public init(serverID: String) {
        self.serverID = serverID
    }

    /// Whether no timer is set to the past, or so far ahead that a clock cannot say it.
    var hasUsableTimes: Bool {
        let longest = Duration.milliseconds(Delivery.maximumWaitMillis)
        return [autosave, openTimeout, saveTimeout, drainTimeout].allSatisfy { $0 >= .zero && $0 <= longest }
    }

    var lease: Duration { .milliseconds(timings.leaseMillis) }
    var renewal: Duration { .milliseconds(timings.renewMillis) }
    var beat: Duration { .milliseconds(timings.beatMillis) }
    var beatTimeToLive: Duration { beat * beatsToLive }
    /// What is taken off a lease before it counts as doubtful: a tenth, at most a second.
    var leaseMargin: Duration { min(lease / 10, .seconds(1)) }
}
