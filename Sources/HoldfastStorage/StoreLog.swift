// A log is a durable list of small entries under one name: the items of a queue, the announcements of a
// channel, the notifications of a player. Its sequence numbers are handed out under a lock that is held until
// the commit, so they become visible in their order: whoever has read up to a number has missed nothing below it.

/// One entry of a log as it is stored.
public struct LogEntry: Sendable, Equatable {
    /// The largest value of an entry: 64 KiB.
    public static let maximumValueBytes = 65_536
    /// The longest life of an entry that does not live for ever: 400 days.
    public static let maximumTimeToLiveMillis: Int64 = 400 * 86_400_000

    /// Chosen by the writer and kept over retries; unique within its log while the entry exists.
    public var id: RandomID
    /// Counts up within the log, from 1; numbers of removed entries are not used again.
    public var sequence: Int64
    /// Any bytes.
    public var value: [UInt8]
    /// What a queue orders by; 0 elsewhere.
    public var priority: Double
    /// Milliseconds since 1970, UTC, by the store's clock.
    public var createdAtMillis: Int64
    /// Milliseconds since 1970, UTC; nil lives until it is removed.
    public var expiresAtMillis: Int64?

    /// Joins the columns of one entry; checks nothing.
    public init(
        id: RandomID, sequence: Int64, value: [UInt8], priority: Double, createdAtMillis: Int64, expiresAtMillis: Int64?
    ) {
        self.id = id
        self.sequence = sequence
        self.value = value
        self.priority = priority
        self.createdAtMillis = createdAtMillis
        self.expiresAtMillis = expiresAtMillis
    }
}

/// Adds entries to a log, all or none; creates the log when it is missing.
public struct AppendRequest: Sendable {
    /// One entry to add.
    public struct Entry: Sendable, Equatable {
        /// Unique within the log; an entry that is there already keeps its place and content.
        public var id: RandomID
        /// At most ``LogEntry/maximumValueBytes``.
        public var value: [UInt8]
        /// What a queue orders by; finite.
        public var priority: Double
        /// Time to live from now by the store's clock, 1 ms to ``LogEntry/maximumTimeToLiveMillis``; nil for ever.
        public var timeToLiveMillis: Int64?

        /// Joins the parts of one entry; the store checks them.
        public init(id: RandomID, value: [UInt8], priority: Double = 0, timeToLiveMillis: Int64? = nil) {
            self.id = id
            self.value = value
            self.priority = priority
            self.timeToLiveMillis = timeToLiveMillis
        }
    }

    /// The most entries of one request.
    public static let maximumEntries = 100

    /// The log.
    public var log: SpaceName
    /// 1 to ``maximumEntries``, no id twice; they get their numbers in this order.
    public var entries: [Entry]
    /// The most entries that the log may hold afterwards, at least 1; nil for no bound.
    ///
    /// Expired entries do not count; neither do those of the request that are there already.
    public var limit: Int?

    /// Joins the parts; the store checks them.
    public init(log: SpaceName, entries: [Entry], limit: Int? = nil) {
        self.log = log
        self.entries = entries
        self.limit = limit
    }
}

/// What became of an ``AppendRequest``.
public enum AppendOutcome: Sendable, Equatable {
    /// All of them are on disk; the entries' sequence numbers in the order of the request.
    case appended(generation: RandomID, sequences: [Int64])
    /// The log would exceed the request's limit; it holds this many, and nothing was added.
    case full(count: Int)
}

/// Removes entries of one log; those that are gone already are passed over.
public struct TrimRequest: Sendable {
    /// Which entries go.
    public enum Which: Sendable, Equatable {
        /// At most ``TrimRequest/maximumIDs``.
        case ids([RandomID])
        /// Whatever expired by the store's clock, at most ``TrimRequest/maximumRemoved`` a request.
        case expired
        /// All with a sequence number up to this one, the first ones, at most ``TrimRequest/maximumRemoved`` a
        /// request.
        case through(Int64)
    }

    /// The most ids of one request.
    public static let maximumIDs = 100
    /// The most entries that one request removes.
    public static let maximumRemoved = 1_000

    /// The log.
    public var log: SpaceName
    /// Which of its entries go.
    public var which: Which

    /// Joins the parts; the store checks them.
    public init(log: SpaceName, which: Which) {
        self.log = log
        self.which = which
    }
}

/// A part of a log, read in order.
public struct LogPage: Sendable, Equatable {
    /// Drawn when the log was created: another one means that numbers started anew.
    public var generation: RandomID
    /// In order of sequence; expired entries are left out.
    public var entries: [LogEntry]
    /// The last number handed out, whether or not its entry still exists.
    public var lastSequence: Int64

    /// Joins the parts as a store read them.
    public init(generation: RandomID, entries: [LogEntry], lastSequence: Int64) {
        self.generation = generation
        self.entries = entries
        self.lastSequence = lastSequence
    }
}

/// One log or score table, for listings and for duties that look after all of them.
public struct SpaceSummary: Sendable, Equatable {
    /// Its name.
    public var name: SpaceName
    /// Drawn when it was created.
    public var generation: RandomID
    /// The last sequence or change number handed out.
    public var last: Int64
    /// How many entries or members it holds; expired entries and removed members do not count.
    public var count: Int

    /// Joins the values as a store read them.
    public init(name: SpaceName, generation: RandomID, last: Int64, count: Int) {
        self.name = name
        self.generation = generation
        self.last = last
        self.count = count
    }
}
