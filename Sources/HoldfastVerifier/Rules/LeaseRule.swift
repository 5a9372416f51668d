/// Promise I1 seen from Redis: a lease that a living session holds is not free for another.
///
/// The store keeps its promise even when Redis hands one lease to two, so the commit log alone cannot
/// show a build that deletes leases which are not its own. This rule can: a session that found the
/// lease *free*, while the row was still sealed by another session that had become active, had not
/// ended, and whose process was demonstrably running and renewing, took what was not free.
///
/// It must never fire on a correct run, so it judges only where no honest explanation is left:
/// - not at all when the run emptied or killed Redis (`redisFaults` in `run.json`);
/// - not when the first session ended before the opening, or in order just after it;
/// - only where both processes wrote a line at least every third of a lease (and every second), from two
///   leases and a second before the opening until after it. A process that was frozen, starved or
///   killed shows a gap, and its lease may have run out.
///
/// So it misses thefts in quiet or short-lived processes, thefts whose victim re-acquired before anyone
/// came, and wrong take-overs (`how` other than `free`). A process that writes journal lines but cannot
/// reach Redis for a whole lease, without a declared fault, would be accused wrongly.
struct LeaseRule {
    private static let second: Int64 = 1_000_000_000

    private let evidence: Evidence

    init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    func check(_ findings: inout Findings) {
        guard !evidence.run.redisFaults else { return }
        for session in evidence.sessions.all where session.opened.how == .free {
            guard let victim = victim(of: session.opened) else { continue }
            findings.report(
                .staleWrite,
                "key \(evidence.keys.name(session.opened.key)): session \(session.opened.owner) found the lease "
                    + "free while session \(victim.opened.owner) was active in \(process(victim).name)")
        }
    }

    private func victim(of opened: Journals.Opened) -> Sessions.Session? {
        // The last save of a session that ended in order has cleared the owner before the lease went.
        guard let previous = evidence.index.seal(of: opened)?.oldOwner, previous != opened.owner,
            let victim = evidence.sessions.session(of: previous),
            victim.opened.at < opened.at
        else { return nil }
        let lease = evidence.store.leaseNanoseconds
        let gap = min(lease / 3, Self.second)
        // The line of an end in order may come a little after the lease was released.
        if let end = victim.ended, end.at <= opened.at + (end.wasLost ? 0 : gap) { return nil }
        let start = opened.at - 2 * lease - Self.second
        let opener = evidence.journals.processes[opened.process]
        guard process(victim).wasRunning(from: start, to: opened.at + gap, longestGap: gap),
            opener.wasRunning(from: start, to: opened.at, longestGap: gap)
        else { return nil }
        return victim
    }

    private func process(_ session: Sessions.Session) -> Journals.Process {
        evidence.journals.processes[session.opened.process]
    }
}

extension Journals.Process {
    /// Whether lines were written all the time between two moments, with no pause beyond `longestGap`.
    func wasRunning(from start: Int64, to end: Int64, longestGap: Int64) -> Bool {
        var last = start
        for time in times[times.firstPosition(where: { $0 >= start })...] {
            guard time - last <= longestGap else { return false }
            last = time
            if time >= end { return true }
        }
        return false
    }
}
