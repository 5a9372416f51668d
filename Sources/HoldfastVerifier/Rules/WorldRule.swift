/// Worlds are saved whole: fields and chunks are of one version, whenever a server opened a world and in the end.
///
/// What was acknowledged of a world, and who wrote it, is judged by the rules for all records.
struct WorldRule {
    private let evidence: Evidence

    init(_ evidence: Evidence) {
        self.evidence = evidence
    }

    func check(_ findings: inout Findings) {
        for entered in evidence.journals.entered {
            guard let tear = entered.state.tear else { continue }
            findings.report(
                .tornWorld, "world \(evidence.keys.name(entered.key)) was opened in version \(entered.version): \(tear)"
            )
        }
        for (key, parts) in evidence.store.worlds.sorted(by: { $0.key < $1.key }) {
            guard let record = evidence.store.records[key], let tear = tear(record, parts, of: key) else { continue }
            findings.report(
                .tornWorld, "world \(evidence.keys.name(key)) ended with version \(record.version): \(tear)")
        }
    }

    private func tear(_ record: StoreImage.Record, _ parts: [StoreImage.Part], of key: KeyIndex) -> String? {
        switch record.content {
        case .corrupt: return nil  // Reported as lost.
        case .none: return parts.first.map { "part \($0.name) has no fields beside it" }
        case .document(let balance, _):
            let foreign = parts.first { part in
                part.version > record.version || evidence.index.writes(of: key, version: part.version).isEmpty
            }
            if let foreign { return "part \(foreign.name) is of version \(foreign.version), which was never committed" }
            return WorldState(balance, parts).tear
        }
    }
}
