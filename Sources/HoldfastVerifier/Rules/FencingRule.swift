/// Promise I1, one writer: replays the commit log of every key.
///
/// Along the entries of one key the fence never goes down, each write of data raises the version by
/// exactly one under a fresh save id, all writes under one fence are those of the owner that sealed it,
/// an owner that was superseded while its session was active never seals again, and a nonce belongs to
/// one key only. The replay must end at the row that the store holds.
struct FencingRule {
    private let evidence: Evidence
    /// The fence at which each session became active, as its own process wrote it.
    private let activeAt: [RandomID: Int64]

    init(_ evidence: Evidence) {
        self.evidence = evidence
        activeAt = Dictionary(
            evidence.journals.opened.map { ($0.owner, $0.fence) }, uniquingKeysWith: { first, _ in first })
    }

    func check(_ findings: inout Findings) {
        var keyOf: [RandomID: KeyIndex] = [:]
        for key in 0..<evidence.keys.count {
            let commits = evidence.store.commits(of: key)
            for owner in commits.compactMap(\.owner) where keyOf.updateValue(key, forKey: owner) ?? key != key {
                findings.report(.staleWrite, "key \(evidence.keys.name(key)): nonce \(owner) also sealed another key")
            }
            replay(commits, of: key, &findings)
            checkEnd(commits.last, of: key, &findings)
        }
    }

    private func replay(_ commits: [StoreImage.Commit], of key: KeyIndex, _ findings: inout Findings) {
        var replay = FenceReplay(activeAt: activeAt)
        for commit in commits {
            for violation in replay.violations(of: commit) {
                findings.report(.staleWrite, "key \(evidence.keys.name(key)), \(commit.summary): \(violation)")
            }
        }
    }

    private func checkEnd(_ last: StoreImage.Commit?, of key: KeyIndex, _ findings: inout Findings) {
        guard let last else { return }
        guard let row = evidence.store.records[key] else {
            findings.report(.lostSave, "key \(evidence.keys.name(key)): its row vanished after \(last.summary)")
            return
        }
        guard row.version == last.version, row.fence == last.fence, row.owner == last.owner,
            row.saveID == last.saveID
        else {
            findings.report(
                .staleWrite,
                "key \(evidence.keys.name(key)): the row (version \(row.version), fence \(row.fence)) is not what "
                    + "\(last.summary) left")
            return
        }
    }
}

extension StoreImage.Commit {
    /// The change, for a problem's sentence.
    var summary: String {
        let from = "version \(oldVersion.map(String.init) ?? "none") fence \(oldFence.map(String.init) ?? "none")"
        return "commit from \(from) to version \(version) fence \(fence) by \(owner?.description ?? "no owner")"
    }
}
