public import HoldfastStorage

/// Where a reader stands in one of the two logs of a channel.
public struct AnnouncementPosition: Sendable, Hashable {
    /// Drawn when the log began: another one means that numbers started anew.
    public var generation: RandomID
    /// The number of the last announcement that was read; 0 before the first.
    public var sequence: Int64
    /// The id of that announcement, which tells whether the log still has the same one there; nil when not known.
    public var entry: RandomID?
    /// Drawn whenever the Redis that keeps a fast log was restarted or replaced; 0 before, and for a durable log.
    public var epoch: Int64

    /// Joins the four; checks nothing.
    public init(generation: RandomID, sequence: Int64, entry: RandomID?, epoch: Int64 = 0) {
        self.generation = generation
        self.sequence = sequence
        self.entry = entry
        self.epoch = epoch
    }

    /// Whether both name the same place, as far as both know the entry there.
    func isSamePlace(as other: AnnouncementPosition) -> Bool {
        generation == other.generation && sequence == other.sequence
            && (entry == nil || other.entry == nil || entry == other.entry)
    }
}

/// Where a subscriber stands in a channel: a position in each of its two logs.
///
/// Keep its ``description`` to go on where a process left off, see ``AnnouncementStart/after(_:)``.
public struct AnnouncementCursor: Sendable, Hashable {
    /// Among the durable announcements; nil before the first that there ever was.
    public var durable: AnnouncementPosition?
    /// Among the fast announcements; nil before the first that there ever was.
    public var fast: AnnouncementPosition?

    /// Joins two positions; a log without one is read from its first announcement on.
    public init(durable: AnnouncementPosition? = nil, fast: AnnouncementPosition? = nil) {
        self.durable = durable
        self.fast = fast
    }

    subscript(flavor: AnnouncementFlavor) -> AnnouncementPosition? {
        get {
            switch flavor {
            case .durable: durable
            case .fast: fast
            }
        }
        set {
            switch flavor {
            case .durable: durable = newValue
            case .fast: fast = newValue
            }
        }
    }
}

extension AnnouncementCursor: LosslessStringConvertible {
    /// At most 210 ASCII characters that ``init(_:)`` reads again.
    public var description: String { "\(Self.text(durable))/\(Self.text(fast))" }

    /// Reads a ``description``; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let durable = Self.position(parts[0]), let fast = Self.position(parts[1]) else {
            return nil
        }
        self.init(durable: durable.found, fast: fast.found)
    }

    private static func text(_ position: AnnouncementPosition?) -> String {
        guard let position else { return "-" }
        let entry = position.entry.map { "\($0)" } ?? "-"
        return "\(position.generation).\(position.sequence).\(entry).\(position.epoch)"
    }

    /// The outer nil stands for text that is no position, the inner one for none.
    private static func position(_ text: Substring) -> (found: AnnouncementPosition?, Void)? {
        if text == "-" { return (nil, ()) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let generation = RandomID(hex: parts[0]), let sequence = number(parts[1]),
            let epoch = number(parts[3])
        else { return nil }
        let entry = RandomID(hex: parts[2])
        guard entry != nil || parts[2] == "-" else { return nil }
        return (AnnouncementPosition(generation: generation, sequence: sequence, entry: entry, epoch: epoch), ())
    }

    private static func number(_ text: Substring) -> Int64? {
        guard let number = Int64(text), number >= 0, String(number) == text else { return nil }
        return number
    }
}

/// Where a subscription begins.
public enum AnnouncementStart: Sendable, Hashable {
    /// With what is published from now on.
    case now
    /// With the oldest announcement that is still valid: what a server that comes late should know.
    case earliestValid
    /// With this number in each of the two logs as they are now, or the first later one.
    ///
    /// What the log no longer has is reported as a gap.
    case sequence(Int64)
    /// Behind a cursor of an earlier subscription.
    case after(AnnouncementCursor)
}
