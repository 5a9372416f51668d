import DequeModule

/// The newest occurrences of one channel, for all its subscribers in this process.
///
/// Bounded: a subscriber that falls behind the oldest one reads the log itself until it finds its place here again.
/// Pure.
struct AnnouncementTail: Sendable {
    /// Where a subscriber goes on: the numbers, counted over all occurrences, from which on a log's are new to it.
    struct Place: Sendable, Equatable {
        var next: Int
        fileprivate var durable: Int
        fileprivate var fast: Int

        fileprivate func isNew(_ flavor: AnnouncementFlavor) -> Bool {
            next >= (flavor == .durable ? durable : fast)
        }
    }

    enum Step: Sendable {
        case occurrence(AnnouncementOccurrence)
        /// Nothing new.
        case wait
        /// What comes next is not here any more.
        case behind
    }

    private let maximumCount: Int
    private let maximumBytes: Int
    private var occurrences: Deque<AnnouncementOccurrence> = []
    private var first = 0
    private var bytes = 0
    /// Where the logs stood before the oldest occurrence.
    private var oldest: AnnouncementCursor
    /// Where they stand now.
    private(set) var newest: AnnouncementCursor
    /// Logs of which entries are being passed over, which may be new to others.
    private var unsettled: Set<AnnouncementFlavor> = []

    init(at cursor: AnnouncementCursor, maximumCount: Int = 256, maximumBytes: Int = 4 << 20) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
        oldest = cursor
        newest = cursor
    }

    /// Begins anew; whoever has a place in the old one falls behind.
    func restarted(at cursor: AnnouncementCursor) -> AnnouncementTail {
        var tail = AnnouncementTail(at: cursor, maximumCount: maximumCount, maximumBytes: maximumBytes)
        tail.first = first + occurrences.count + 1
        return tail
    }

    /// Adds what a log's follower found.
    mutating func add(_ new: [AnnouncementOccurrence], by follower: AnnouncementFollower) {
        for occurrence in new {
            occurrences.append(occurrence)
            bytes += occurrence.bytes
        }
        newest[follower.flavor] = follower.position
        if follower.isRereading { unsettled.insert(follower.flavor) } else { unsettled.remove(follower.flavor) }
        while occurrences.count > maximumCount || bytes > maximumBytes, let gone = occurrences.popFirst() {
            first += 1
            bytes -= gone.bytes
            oldest[gone.flavor] = gone.position
        }
    }

    /// The place of a subscriber that has read up to a cursor; nil when that is not on these logs' way.
    func place(of cursor: AnnouncementCursor) -> Place? {
        guard let durable = index(of: .durable, cursor), let fast = index(of: .fast, cursor) else { return nil }
        return Place(next: min(durable, fast), durable: durable, fast: fast)
    }

    /// Moves a place to behind the next occurrence that is new to it.
    func step(_ place: inout Place) -> Step {
        guard place.next >= first else { return .behind }
        while place.next < first + occurrences.count {
            let occurrence = occurrences[place.next - first]
            let isNew = place.isNew(occurrence.flavor)
            place.next += 1
            if isNew { return .occurrence(occurrence) }
        }
        return .wait
    }

    private func index(of flavor: AnnouncementFlavor, _ cursor: AnnouncementCursor) -> Int? {
        let position = cursor[flavor]
        if !unsettled.contains(flavor), Self.isSame(position, newest[flavor]) { return first + occurrences.count }
        let found = occurrences.lastIndex { occurrence in
            // Behind a loss the log is read again, and what was read before passed over.
            if case .gap(from: _, to: nil) = occurrence.kind { return false }
            return occurrence.flavor == flavor && Self.isSame(occurrence.position, position)
        }
        if let found { return first + found + 1 }
        return Self.isSame(position, oldest[flavor]) ? first : nil
    }

    private static func isSame(_ left: AnnouncementPosition?, _ right: AnnouncementPosition?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.isSamePlace(as: right)
    }
}

extension AnnouncementOccurrence {
    /// What it takes in memory, roughly.
    fileprivate var bytes: Int {
        if case .entry(let entry) = kind { 160 + entry.value.count } else { 160 }
    }
}
