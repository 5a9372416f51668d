import HoldfastProfiles
import HoldfastStorage

/// Looks at all stored bytes of one collection or of all, for `doctor --records`.
struct RecordScan: Sendable {
    private(set) var records = 0
    private(set) var damaged: [RecordDamage] = []

    /// - Throws: ``CommandError`` with code `notFound` for a collection without records.
    init(of collection: CollectionName?, in store: any DurableStore, progress: Progress) async throws {
        let all = try await store.collections().map(\.name)
        let names = collection.map { name in all.filter { $0 == name } } ?? all
        if let collection, names.isEmpty {
            throw CommandError(.notFound, "there is no profile in \(collection)")
        }
        for name in names {
            var found: [RecordDamage] = []
            let count = try await RecordDamage.scan(name, in: store) { found.append($0) }
            records += count
            damaged += found
            progress.advance(items: count)
        }
        progress.finish()
    }

    /// The check that `doctor` shows beside the others.
    var check: DoctorCheck {
        DoctorCheck(
            "records.sound", ok: damaged.isEmpty, found: "\(damaged.count) of \(records) damaged",
            wanted: "none damaged",
            fix: "see holdfast profile repair COLLECTION KEY --dry-run")
    }
}
