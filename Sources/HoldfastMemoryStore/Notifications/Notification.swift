public import HoldfastStorage

/// One notification of a player.
public struct Notification<Note: Sendable>: Sendable {
    /// The id that it was sent under.
    public var id: RandomID
    /// Where to go on listing behind it.
    public var cursor: NotificationCursor
    /// Milliseconds since 1970, UTC, by the store's clock.
    public var sentAtMillis: Int64
    /// Milliseconds since 1970, UTC, by the store's clock.
    public var expiresAtMillis: Int64?
    /// Whether it was marked as read.
    public var isRead: Bool
    /// What was sent.
    ///
    /// A failure with code `corrupt` when it is no `Note`, such as one of a newer build.
    public var note: Result<Note, MemoryStoreError>
}

/// A place in the list of one player's notifications.
public struct NotificationCursor: Sendable, Hashable {
    /// Drawn when the list began: another one means that it was dropped and begun anew.
    public var generation: RandomID
    /// The number of the last notification that was listed.
    public var sequence: Int64

    /// Joins the two; checks nothing.
    public init(generation: RandomID, sequence: Int64) {
        self.generation = generation
        self.sequence = sequence
    }
}

extension NotificationCursor: LosslessStringConvertible {
    /// At most 52 ASCII characters that ``init(_:)`` reads again.
    public var description: String { "\(generation).\(sequence)" }

    /// Reads a ``description``; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let generation = RandomID(hex: parts[0]), let sequence = Int64(parts[1]),
            sequence >= 0, String(sequence) == parts[1]
        else { return nil }
        self.init(generation: generation, sequence: sequence)
    }
}

/// How many notifications a player has.
public struct NotificationCount: Sendable, Hashable {
    /// All that are neither deleted nor expired.
    public var all: Int
    /// Those of them that were not marked as read.
    public var unread: Int

    /// Joins the two; checks nothing.
    public init(all: Int, unread: Int) {
        self.all = all
        self.unread = unread
    }
}
