/// Durable announcements: each that was acknowledged is in the store under its number, and every server that
/// stopped in order has heard all that were acknowledged before, in the order of their numbers.
///
/// The processes that replace each other under one server's name are one listener: where one was killed, the next
/// goes on. Each process hears an announcement once; the next one may hear the last of the one before again, since a
/// server may die between hearing and noting where it stands. A gap is an excuse only where the log had given way.
/// What a killed server has not heard at its end is nobody's loss; a hole before the last that it heard is.
struct AnnouncementRule {
    /// How many announcements a channel keeps.
    static let kept: Int64 = 1_000

    private let evidence: Evidence
    private let shared: SharedJournals
    /// All that there were, by number: what the store has, and what was acknowledged.
    private let announced: [Int64: RandomID]
    private let last: Int64

    init(_ evidence: Evidence) {
        self.evidence = evidence
        shared = evidence.journals.shared
        var announced = evidence.store.announcements
        for announcement in shared.announcements {
            if let sequence = announcement.sequence, announced[sequence] == nil {
                announced[sequence] = announcement.id
            }
        }
        self.announced = announced
        last = max(announced.keys.max() ?? 0, evidence.store.lastAnnouncement)
    }

    func check(_ findings: inout Findings) {
        checkStore(&findings)
        for listener in shared.listeners { checkOrder(listener, &findings) }
        let readers = Dictionary(grouping: shared.listeners, by: \.reader)
        for (reader, listeners) in readers.sorted(by: { $0.key < $1.key }) {
            checkComplete(reader, listeners.sorted { $0.startedAt < $1.startedAt }, &findings)
        }
    }

    /// What was acknowledged is in the store, what was withdrawn is not.
    private func checkStore(_ findings: inout Findings) {
        let stored = Set(evidence.store.announcements.values)
        for announcement in shared.announcements {
            if announcement.fate == .withdrawn, stored.contains(announcement.id) {
                findings.report(.none, "announcement \(announcement.id) was said to have no effect, the store has it")
            }
            guard let sequence = announcement.sequence, sequence > last - Self.kept,
                evidence.store.announcements[sequence] != announcement.id
            else { continue }
            findings.report(
                .none,
                "announcement \(announcement.id) was acknowledged as number \(sequence), where the store has "
                    + (evidence.store.announcements[sequence]?.description ?? "none"))
        }
    }

    /// One process hears each announcement once, in order, and only what was announced.
    private func checkOrder(_ listener: SharedJournals.Listener, _ findings: inout Findings) {
        var previous = listener.after
        for heard in listener.heard {
            if heard.sequence <= previous {
                findings.report(.none, "\(listener.reader) heard announcement \(heard.sequence) after \(previous)")
            }
            previous = max(previous, heard.sequence)
            // Older ones may be gone from the store, and unacknowledged.
            guard announced[heard.sequence] != heard.id, heard.sequence > last - Self.kept else { continue }
            findings.report(
                .none,
                "\(listener.reader) heard announcement \(heard.id) as number \(heard.sequence), which is "
                    + (announced[heard.sequence]?.description ?? "nobody's"))
        }
        for gap in listener.gaps where !isExcuse(gap) {
            let end = gap.upperBound == .max ? "an unknown end" : "\(gap.upperBound)"
            findings.report(
                .none,
                "\(listener.reader) was told of a gap from \(gap.lowerBound) to \(end), which the log still had")
        }
    }

    /// Whether the log had dropped all that a gap covers.
    private func isExcuse(_ gap: ClosedRange<Int64>) -> Bool { gap.upperBound <= last - Self.kept }

    /// The processes of one server have together heard everything, up to the last that they must have.
    private func checkComplete(
        _ reader: String, _ listeners: [SharedJournals.Listener], _ findings: inout Findings
    ) {
        guard let first = listeners.first, let final = listeners.last else { return }
        let heard = Set(listeners.flatMap { $0.heard.map(\.sequence) })
        var end = heard.max() ?? first.after
        if let partedAt = final.partedAt {
            for announcement in shared.announcements {
                guard let sequence = announcement.sequence, let at = announcement.acknowledgedAt, at < partedAt else {
                    continue
                }
                end = max(end, sequence)
            }
        }
        let gaps = listeners.flatMap(\.gaps).filter(isExcuse)
        for sequence in announced.keys.sorted() where sequence > first.after && sequence <= end {
            guard !heard.contains(sequence), !gaps.contains(where: { $0.contains(sequence) }) else { continue }
            findings.report(.none, "\(reader) never heard announcement \(sequence)")
        }
    }
}
