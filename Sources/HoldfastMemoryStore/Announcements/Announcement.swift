public import HoldfastStorage

/// One announcement as a subscriber gets it.
public struct Announcement<Message: Sendable>: Sendable {
    /// The log of the channel that it stands in.
    public var flavor: AnnouncementFlavor
    /// Its number within that log, from 1.
    public var sequence: Int64
    /// Drawn by the publisher.
    public var id: RandomID
    /// Milliseconds since 1970, UTC, by the clock of the store (durable) or of Redis (fast).
    public var publishedAtMillis: Int64
    /// Milliseconds since 1970, UTC, by the same clock.
    public var expiresAtMillis: Int64
    /// What was published.
    public var value: Message
}

/// Announcements that a subscriber can no longer get.
public struct AnnouncementGap: Sendable, Hashable {
    /// The log of the channel that they stood in.
    public var flavor: AnnouncementFlavor
    /// The number of the first that was missed.
    public var from: Int64
    /// The number of the last that was missed.
    ///
    /// Nil when nobody knows how many there were, since Redis (or the store) lost them: numbers may start anew.
    public var to: Int64?

    /// Joins the three; checks nothing.
    public init(flavor: AnnouncementFlavor, from: Int64, to: Int64?) {
        self.flavor = flavor
        self.from = from
        self.to = to
    }
}

/// What a subscriber gets, in the order of each log.
public enum AnnouncementEvent<Message: Sendable>: Sendable {
    /// An announcement, each once.
    case message(Announcement<Message>)
    /// Some were missed: they gave way to newer ones while they were still valid, or were lost.
    case gap(AnnouncementGap)
    /// An announcement whose value is no `Message`, such as one of a newer build.
    case unreadable(flavor: AnnouncementFlavor, sequence: Int64, MemoryStoreError)
}

extension Announcement: Equatable where Message: Equatable {}
extension Announcement: Hashable where Message: Hashable {}

/// What a publisher gets.
public struct AnnouncementReceipt: Sendable, Hashable {
    /// The log of the channel that it stands in.
    public var flavor: AnnouncementFlavor
    /// Its number within that log.
    public var sequence: Int64
    /// The id that it was published under; the same again for a repeated call.
    public var id: RandomID
}
