/// A server hosts one world at a time, and only one that it has claimed.
///
/// Two servers may believe for a while to host one world; that only one of them can write it is judged by the rules for
/// all records. This one looks at what players were let into: a world that their own server had opened, and no second
/// one while the first was not over. The end of a session is journaled a moment after it, which may be long on a
/// machine that stands still, so only what lasts longer than a lease counts.
struct HostRule {
    private let evidence: Evidence

    init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    func check(_ findings: inout Findings) {
        var hosted: [Int: [RandomID: Sessions.Session]] = [:]
        for visit in evidence.journals.visited {
            if let session = evidence.sessions.session(of: visit.owner), session.opened.key == visit.key,
                session.opened.process == visit.process
            {
                hosted[visit.process, default: [:]][visit.owner] = session
            } else {
                findings.report(
                    .staleWrite,
                    "\(name(visit.process)) let a player into world \(evidence.keys.name(visit.key)) as "
                        + "\(visit.owner), which is no session of its own")
            }
        }
        for (process, sessions) in hosted.sorted(by: { $0.key < $1.key }) {
            checkOneByOne(sessions.values.sorted { $0.opened.at < $1.opened.at }, of: process, &findings)
        }
    }

    private func checkOneByOne(_ sessions: [Sessions.Session], of process: Int, _ findings: inout Findings) {
        for (earlier, later) in zip(sessions, sessions.dropFirst())
        where earlier.lastSign > later.opened.at + evidence.store.leaseNanoseconds {
            findings.report(
                .staleWrite,
                "\(name(process)) claimed world \(evidence.keys.name(later.opened.key)) while it hosted "
                    + evidence.keys.name(earlier.opened.key))
        }
    }

    private func name(_ process: Int) -> String { evidence.journals.processes[process].name }
}
