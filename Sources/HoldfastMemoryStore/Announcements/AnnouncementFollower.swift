import HoldfastStorage

/// Something that happened in one log, before anybody has decoded it.
struct AnnouncementOccurrence: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case entry(AnnouncementEntry)
        /// `to` is nil when nobody knows how much was lost.
        case gap(from: Int64, to: Int64?)
    }

    var flavor: AnnouncementFlavor
    var kind: Kind
    /// Where the reader stands behind it; nil before the first entry there ever was.
    var position: AnnouncementPosition?
}

/// Follows one log: turns what Redis and the store say of it into occurrences, each entry once and in order.
///
/// Pure: whoever owns it reads, and tells it what was answered.
///
/// The fast log can lose entries, and the copy of the durable one can fall behind the store. Both show as a log of
/// another generation, as one that ends before the position, or as another entry at the position. Of the durable log
/// the store decides what that means; of the fast one everything that was not read is lost, and the entries that are
/// there now are read again but for those that were read before. What nobody had read yet may be lost without a
/// trace when Redis is restarted or replaced, so that alone is told as a gap of the fast log.
struct AnnouncementFollower: Sendable {
    /// What the owner has to do after a reply.
    enum Next: Sendable, Equatable {
        /// Nothing: the reader has all there is.
        case wait
        case readAgain
        /// Compare the copy with the store, tell the outcome by ``compared(with:)``, and read again.
        case compare
    }

    /// The end of the store's log; nil when it has none.
    struct StoreEnd: Sendable, Equatable {
        var generation: RandomID
        var last: Int64
    }

    private struct Seen: Hashable {
        let sequence: Int64
        let id: RandomID
    }

    /// How far back entries are told from each other after Redis went back.
    static let remembered = 256

    let flavor: AnnouncementFlavor
    /// Whether there is a store to compare with.
    let hasStore: Bool
    private(set) var position: AnnouncementPosition?
    /// The newest entries read, a ring once it is full.
    private var seen: [Seen] = []
    private var oldestSeen = 0
    /// Entries up to this number may have been read before; 0 once all of them were looked at.
    private var rereadThrough: Int64 = 0

    /// Whether it passes over what it read before, and so is no guide for others.
    var isRereading: Bool { rereadThrough > 0 }

    init(_ flavor: AnnouncementFlavor, at position: AnnouncementPosition?, hasStore: Bool) {
        self.flavor = flavor
        self.position = position
        self.hasStore = hasStore && flavor == .durable
    }

    // MARK: Inputs

    /// Takes a reply that was asked for from `asked` on.
    mutating func take(
        _ reply: AnnouncementReply, from asked: AnnouncementPosition?
    ) -> (occurrences: [AnnouncementOccurrence], next: Next) {
        let compares: Next = hasStore && reply.gateOpened ? .compare : .wait
        guard let log = reply.log else { return ([], compares) }
        // A hint was quicker than this reply.
        guard position == asked || log.finding == .continues && position?.generation == log.end.generation else {
            return ([], .readAgain)
        }
        let maybeLost = noticeEpoch(of: log)
        switch log.finding {
        case .continues:
            let occurrences = maybeLost + take(log)
            let isBehind = position.map { $0.sequence < log.end.sequence } ?? false
            return (occurrences, isBehind ? .readAgain : compares)
        case .otherGeneration:
            if hasStore { return ([], .compare) }
            let gap = restart(in: log.end.generation, at: log.dropped, epoch: log.end.epoch)
            // A log that began for its readers' sake and never had an entry is no loss.
            return (flavor == .fast && asked?.sequence == 0 ? [] : [gap], .readAgain)
        case .endsBefore:
            if flavor == .durable { return ([], hasStore ? .compare : .wait) }
            return ([goBack(in: log)], .readAgain)
        case .otherEntry: return ([goBack(in: log)], .readAgain)
        }
    }

    /// Takes a hint; nil when it does not follow on the position, so that the log has to be read.
    mutating func take(_ hint: AnnouncementHint) -> [AnnouncementOccurrence]? {
        guard let position, let last = hint.entries.last, hint.after.generation == position.generation else {
            return nil
        }
        guard !isRereading else { return nil }
        if last.sequence <= position.sequence { return [] }
        guard hint.after.sequence == position.sequence, hint.after.entry == position.entry else { return nil }
        return hint.entries.compactMap { deliver($0) }
    }

    /// Takes the end of the store's log, with which Redis agrees now.
    mutating func compared(with end: StoreEnd?) -> [AnnouncementOccurrence] {
        guard let position else { return [] }
        guard let end else {
            let gap = gap(from: position.sequence + 1, to: nil)
            self.position = nil
            return [AnnouncementOccurrence(flavor: flavor, kind: gap, position: nil)]
        }
        if end.generation != position.generation { return [restart(in: end.generation, at: 0, epoch: 0)] }
        // The store itself went back: what it tells from now on is all there is.
        guard end.last < position.sequence else { return [] }
        self.position = AnnouncementPosition(generation: end.generation, sequence: end.last, entry: nil)
        return [occurrence(gap(from: position.sequence + 1, to: nil))]
    }

    // MARK: Steps

    /// Tells of a Redis that is not the one before, unless what else was found tells of a loss.
    private mutating func noticeEpoch(of log: AnnouncementReply.Log) -> [AnnouncementOccurrence] {
        guard let position, position.generation == log.end.generation, position.epoch != log.end.epoch else {
            return []
        }
        self.position?.epoch = log.end.epoch
        guard log.finding == .continues, position.sequence > 0 else { return [] }
        return [occurrence(gap(from: position.sequence + 1, to: nil))]
    }

    private mutating func take(_ log: AnnouncementReply.Log) -> [AnnouncementOccurrence] {
        var occurrences: [AnnouncementOccurrence] = []
        if position == nil {
            position = AnnouncementPosition(
                generation: log.end.generation, sequence: 0, entry: nil, epoch: log.end.epoch)
        }
        if let position, log.dropped > position.sequence {
            move(to: log.dropped, entry: nil)
            occurrences.append(occurrence(gap(from: position.sequence + 1, to: log.dropped)))
        }
        for entry in log.entries where entry.sequence > position?.sequence ?? 0 {
            if let occurrence = deliver(entry) { occurrences.append(occurrence) }
        }
        if log.through.sequence >= log.end.sequence { rereadThrough = 0 }
        guard let reached = position, reached.sequence <= log.through.sequence else { return occurrences }
        if reached.sequence < log.through.sequence || reached.entry == nil { position = log.through }
        return occurrences
    }

    /// Moves behind an entry; nil when it was read before.
    private mutating func deliver(_ entry: AnnouncementEntry) -> AnnouncementOccurrence? {
        move(to: entry.sequence, entry: entry.id)
        let item = Seen(sequence: entry.sequence, id: entry.id)
        if entry.sequence <= rereadThrough, seen.contains(item) { return nil }
        if seen.count < Self.remembered {
            seen.append(item)
        } else {
            seen[oldestSeen] = item
            oldestSeen = (oldestSeen + 1) % Self.remembered
        }
        return occurrence(.entry(entry))
    }

    /// The log is another one: all of it is new, unless Redis brought an old one back.
    private mutating func restart(
        in generation: RandomID, at sequence: Int64, epoch: Int64
    ) -> AnnouncementOccurrence {
        let kind = gap(from: (position?.sequence ?? 0) + 1, to: nil)
        rereadThrough = .max
        position = AnnouncementPosition(generation: generation, sequence: sequence, entry: nil, epoch: epoch)
        return occurrence(kind)
    }

    /// The log lost its newest entries and may have got others under their numbers.
    ///
    /// What stands before the oldest entry that is remembered counts as read.
    private mutating func goBack(in log: AnnouncementReply.Log) -> AnnouncementOccurrence {
        let reached = position?.sequence ?? 0
        let oldest = seen.map(\.sequence).min().map { $0 - 1 } ?? reached
        rereadThrough = max(rereadThrough, reached)
        move(to: min(max(oldest, log.dropped), log.end.sequence), entry: nil)
        return occurrence(gap(from: reached + 1, to: nil))
    }

    private mutating func move(to sequence: Int64, entry: RandomID?) {
        position?.sequence = sequence
        position?.entry = entry
    }

    private func gap(from: Int64, to: Int64?) -> AnnouncementOccurrence.Kind { .gap(from: from, to: to) }

    private func occurrence(_ kind: AnnouncementOccurrence.Kind) -> AnnouncementOccurrence {
        AnnouncementOccurrence(flavor: flavor, kind: kind, position: position)
    }
}
