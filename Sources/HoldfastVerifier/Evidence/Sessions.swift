/// The sessions of a run as their own processes saw them.
struct Sessions {
    struct Session {
        let opened: Journals.Opened
        /// Its process's word that it was over; nil when the process died first.
        let ended: Journals.Ended?
        /// The last moment at which its process may have believed it active.
        let lastSign: Int64
    }

    let all: [Session]
    private let byOwner: [RandomID: Int]
    /// For each key the positions in ``all``, in order of opening.
    private let byKey: [KeyIndex: [Int]]

    init(_ journals: Journals) {
        let ended = Dictionary(journals.ended.map { ($0.owner, $0) }, uniquingKeysWith: { first, _ in first })
        all = journals.opened.map { opened in
            let end = ended[opened.owner]
            return Session(
                opened: opened, ended: end,
                lastSign: end?.at ?? journals.processes[opened.process].times.last ?? opened.at)
        }
        var byOwner: [RandomID: Int] = [:]
        var byKey: [KeyIndex: [Int]] = [:]
        for (index, session) in all.enumerated() {
            byOwner[session.opened.owner] = index
            byKey[session.opened.key, default: []].append(index)
        }
        let sessions = all
        self.byOwner = byOwner
        self.byKey = byKey.mapValues { $0.sorted { sessions[$0].opened.at < sessions[$1].opened.at } }
    }

    /// The session with this nonce, if it became active.
    func session(of owner: RandomID) -> Session? {
        byOwner[owner].map { all[$0] }
    }

    /// Whether some process believed this key active at a moment.
    func isActive(_ key: KeyIndex, at moment: Int64) -> Bool {
        (byKey[key] ?? []).contains { index in
            all[index].opened.at <= moment && moment < all[index].lastSign
        }
    }

    /// How often one of these keys was opened by another process than the time before, and how often of these the lease
    /// was that of a dead one.
    func handOvers(of keys: some Sequence<KeyIndex>) -> (count: Int, takeOvers: Int) {
        let moved = keys.flatMap { key -> [Journals.Opened] in
            let sessions = (byKey[key] ?? []).map { all[$0].opened }
            return zip(sessions, sessions.dropFirst()).filter { $0.process != $1.process }.map { $1 }
        }
        return (moved.count, moved.count { $0.how == .takeOver })
    }

    /// How many sessions were still believed active when their successor was, and the longest such while.
    var overlaps: (count: Int, longestMillis: Int64) {
        var count = 0
        var longest: Int64 = 0
        for indices in byKey.values {
            for (elder, younger) in zip(indices, indices.dropFirst()) {
                let overlap = min(all[elder].lastSign, all[younger].lastSign) - all[younger].opened.at
                guard overlap > 0 else { continue }
                count += 1
                longest = max(longest, overlap)
            }
        }
        return (count, longest / 1_000_000)
    }
}
