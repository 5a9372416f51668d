import Foundation

/// Judges a finished run of the demo fleet from outside.
///
/// Three witnesses are heard: the journals that each server process wrote (one line per
/// acknowledgement), the commit log that database triggers kept (``CommitLog``), and the final store.
/// The judge shares no code with the modules it judges: it has its own reading of the store's layout,
/// its own JSON and its own idea of what must hold. That is why the C modules of PostgreSQL and zstd are
/// imported here a second time.
///
/// Reads only. Costs one pass over journals and store; about 200 bytes of memory per journal line
/// and per commit.
public struct Verifier: Sendable {
    private let journals: URL
    private let store: StoreLocation
    private let deployment: String

    /// Names the evidence: the folder with the journals and their `run.json`, and one deployment of a store.
    public init(journals: URL, store: StoreLocation, deployment: String) {
        self.journals = journals
        self.store = store
        self.deployment = deployment
    }

    /// Hears all witnesses and judges promises I1 to I4, the worlds, the boards and the announcements.
    ///
    /// Run it after the fleet has ended.
    ///
    /// - Throws: ``VerifierError`` when the evidence cannot be read; `badJournal` for a journal with a
    ///   damaged line, other than a torn last one.
    public func verify() throws(VerifierError) -> Verdict {
        let run = try RunDescription(folder: journals)
        guard run.deployment == deployment else {
            throw VerifierError(
                .badInput, "the journals are of deployment \(run.deployment), not of \(deployment)")
        }
        var keys = KeyTable()
        let image = try readStore(run, keys: &keys)
        let lines = try Journals(folder: journals, keys: &keys)
        let evidence = Evidence(run: run, keys: keys, store: image, journals: lines)
        return Self.judge(evidence)
    }

    static func judge(_ evidence: Evidence) -> Verdict {
        var findings = Findings()
        FencingRule(evidence).check(&findings)
        DurabilityRule(evidence).check(&findings)
        OperationRule(evidence).check(&findings)
        let coins = ConservationRule(evidence).check(&findings)
        TradeRule(evidence).check(&findings)
        WorldRule(evidence).check(&findings)
        HostRule(evidence).check(&findings)
        LeaseRule(evidence).check(&findings)
        BoardRule(evidence).check(&findings)
        AnnouncementRule(evidence).check(&findings)
        return findings.verdict(coins: coins, seen: evidence.seen)
    }

    private func readStore(_ run: RunDescription, keys: inout KeyTable) throws(VerifierError) -> StoreImage {
        switch store {
        case .sqlite(let path):
            try SQLiteReader(path: path).read(run, keys: &keys)
        case .postgres(let url, let password):
            try PostgresReader(url: url, password: password)
                .read(run, keys: &keys)
        }
    }
}
