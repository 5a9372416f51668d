/// What the verifier found; `ok` only if every promise that it judges was kept.
///
/// The first ten fields are the `verification` object of the command's JSON.
public struct Verdict: Codable, Sendable, Equatable {
    /// Coins that must exist: everything earned plus every reward with a receipt.
    public var coinsExpected: Int64
    /// Coins that the final documents hold.
    public var coinsFound: Int64
    /// Acknowledged saves that the store does not have, or has with other content (promise I2).
    public var lostSaves: Int
    /// Operations that took effect more often than their receipts say (promise I3).
    public var duplicateOperations: Int
    /// Acknowledged operations without a row, and receipts without an effect (promise I3).
    public var missingOperations: Int
    /// Writes by a superseded holder, and every other break of the order of fences, owners and
    /// versions (promise I1).
    public var staleWritesAccepted: Int
    /// Members of boards that the store or Redis has otherwise than the submissions say, each counted once a board.
    public var boardMismatches: Int
    /// Worlds whose chunks were not of the version of their fields, counted once for each time that it was seen.
    public var tornWorlds: Int
    /// Trades between servers that are undecided, or of which the store has something else than was decided.
    public var halfTrades: Int
    /// Whether all counters are zero, the coins agree and no other problem was found.
    public var ok: Bool

    /// All problems found, also those beyond ``problems``.
    public var problemCount: Int
    /// Twenty problems at most, the first of each kind, one sentence each, with key and versions.
    public var problems: [String]
    /// What there was to judge.
    public var seen: Seen

    /// How much evidence a verdict rests on.
    ///
    /// None of it decides whether the run was right.
    public struct Seen: Codable, Sendable, Equatable {
        /// Journals, one for each process of the fleet.
        public var processes = 0
        /// Acknowledged saves, trades, deliveries and applied operations, and refused stale saves.
        public var saves = 0, trades = 0, deliveries = 0, applied = 0, refused = 0
        /// Operations that ended as cancelled, expired or dead letters, and steps of stepped ones that took effect.
        public var cancelled = 0, expired = 0, dead = 0, steps = 0
        /// Scores and announcements that the store acknowledged, and how often a server heard an announcement.
        public var scores = 0, announcements = 0, heard = 0
        /// Trades between servers: committed, aborted, and begun but not over; the last are among the half ones.
        public var tradesAcross = 0, tradesAborted = 0, tradesUnfinished = 0
        /// Worlds that were saved, and acknowledged saves of them, which are among ``saves``.
        public var worlds = 0, worldSaves = 0
        /// How often a server let a player into the world that it hosts.
        public var worldVisits = 0
        /// How often a world was opened by another process than the time before, and how often of these the lease was
        /// that of a dead one.
        public var worldHandOvers = 0, worldTakeOvers = 0
        /// Sessions that became active.
        public var sessions = 0
        /// Keys named by a journal or held by the store.
        public var keys = 0
        /// Entries of the commit log.
        public var commits = 0
        /// Applied operations that were delivered while no session of their key was active.
        public var operationsWhileAway = 0
        /// Sessions that believed for a while to be active together with their successor.
        ///
        /// Legal as long as the store refuses what the elder writes.
        public var overlaps = 0
        /// The longest of these whiles.
        public var longestOverlapMillis: Int64 = 0
        /// Journals that end in the middle of a line, as a killed process may leave them.
        public var tornLines = 0

        /// Nothing seen yet.
        public init() {}
    }
}
