/// Promise I2, what was acknowledged as durable is never lost: holds the journals against the commit
/// log and the final documents.
///
/// Every acknowledged save is in the commit log under its save id, fence and owner; every session
/// became active under a fence that it had sealed and with at least what was acknowledged before; no
/// later version forgets what an earlier acknowledged one had; the final document is the acknowledged
/// one where the versions are equal.
struct DurabilityRule {
    private let evidence: Evidence

    init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    func check(_ findings: inout Findings) {
        for save in evidence.journals.saved { checkLogged(save, &findings) }
        for (key, saves) in evidence.acknowledged.sorted(by: { $0.key < $1.key }) {
            checkGrowth(saves, &findings)
            checkFinal(key, saves, &findings)
        }
        for opened in evidence.journals.opened { checkLoaded(opened, &findings) }
        for (key, record) in evidence.store.records.sorted(by: { $0.key < $1.key }) {
            guard case .corrupt(let reason) = record.content else { continue }
            findings.reportLost(
                key, version: record.version, "\(name(key)) version \(record.version) cannot be read: \(reason)")
        }
    }

    /// An acknowledged save was committed, and by its own session.
    private func checkLogged(_ save: Journals.Saved, _ findings: inout Findings) {
        let writes = evidence.index.writes(of: save.key, version: save.version)
        guard let write = writes.first(where: { $0.saveID == save.saveID }) else {
            let instead = writes.first.map { "save \($0.saveID?.description ?? "none") has it" } ?? "never committed"
            findings.reportLost(
                save.key, version: save.version,
                "\(name(save.key)) version \(save.version) was acknowledged as save \(save.saveID): \(instead)")
            return
        }
        guard write.oldOwner == save.owner, write.oldFence == save.fence else {
            findings.report(
                .staleWrite,
                "\(name(save.key)) version \(save.version) was saved by \(save.owner) with fence \(save.fence), "
                    + "while the row was sealed by \(write.oldOwner?.description ?? "nobody") with fence "
                    + "\(write.oldFence.map(String.init) ?? "none")")
            return
        }
    }

    /// No version has earned, received or traded less than an acknowledged version before it.
    private func checkGrowth(_ saves: [Journals.Saved], _ findings: inout Findings) {
        for (earlier, later) in zip(saves, saves.dropFirst()) where later.balance.fellBehind(earlier.balance) {
            findings.reportLost(
                earlier.key, version: earlier.version,
                "\(name(earlier.key)): version \(later.version) has \(later.balance.summary), the acknowledged "
                    + "version \(earlier.version) had \(earlier.balance.summary)")
        }
    }

    /// The store ends at or after the last acknowledged version, and with its content.
    private func checkFinal(_ key: KeyIndex, _ saves: [Journals.Saved], _ findings: inout Findings) {
        guard let last = saves.last else { return }
        guard let record = evidence.store.records[key], record.version >= last.version else {
            let found = evidence.store.records[key].map { "version \($0.version)" } ?? "no row"
            findings.reportLost(
                key, version: last.version,
                "\(name(key)): version \(last.version) was acknowledged, the store has \(found)")
            return
        }
        guard case .document(let balance, _) = record.content else { return }
        let isRight = record.version == last.version ? balance == last.balance : !balance.fellBehind(last.balance)
        guard isRight else {
            findings.reportLost(
                key, version: last.version,
                "\(name(key)): the store's version \(record.version) has \(balance.summary), version "
                    + "\(last.version) was acknowledged with \(last.balance.summary)")
            return
        }
    }

    /// A session became active under its own seal and with what was acknowledged before it.
    ///
    /// It may be ahead of the acknowledged document by operations applied while it opened, never behind.
    private func checkLoaded(_ opened: Journals.Opened, _ findings: inout Findings) {
        guard let seal = evidence.index.seal(of: opened) else {
            findings.report(
                .staleWrite,
                "\(name(opened.key)): session \(opened.owner) became active with fence \(opened.fence), which it "
                    + "never sealed")
            return
        }
        guard opened.version >= seal.version else {
            findings.reportLost(
                opened.key, version: seal.version,
                "\(name(opened.key)): session \(opened.owner) sealed version \(seal.version) and loaded "
                    + "version \(opened.version)")
            return
        }
        let saves = evidence.acknowledged[opened.key] ?? []
        let position = saves.firstPosition { $0.version >= opened.version }
        guard position < saves.count, saves[position].version == opened.version else { return }
        let balance = saves[position].balance
        guard opened.coins >= balance.coins else {
            findings.reportLost(
                opened.key, version: opened.version,
                "\(name(opened.key)): session \(opened.owner) loaded version \(opened.version) with \(opened.coins) "
                    + "coins, it was acknowledged with \(balance.summary)")
            return
        }
    }

    private func name(_ key: KeyIndex) -> String { "key \(evidence.keys.name(key))" }
}
