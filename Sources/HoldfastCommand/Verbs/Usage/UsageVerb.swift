import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct UsageVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Show how much is stored, against the limits.",
        discussion: """
            Of all collections, of one with its ten largest profiles, or of one profile with every limit. What has \
            reached 80 % of a limit is marked. Looks at each row of a collection and takes no lease. Example:
              holdfast usage players 42
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The collection; all of them without one.")
    var collection: String?

    @Argument(help: "The key inside the collection.")
    var key: String?

    var createsStore: Bool { false }

    /// Bounded by the number of records.
    func deadline(timeout: Duration) -> Duration? { key == nil ? nil : timeout }

    func perform(_ invocation: Invocation) async throws {
        guard let collection else { return try await showAll(invocation) }
        let name = try CollectionName(collection)
        guard let key else { return try await show(name, invocation) }
        let id: RecordID
        do {
            id = RecordID(collection: name, key: try Key(key))
        } catch {
            throw CommandError(error, key: key)
        }
        let usage = try await Stores.with(invocation) { store, _ in try await RecordUsage.measure(id, in: store) }
        guard let usage else {
            throw CommandError(.notFound, "there is no such profile in \(name)", key: key)
        }
        try invocation.output.print([
            "collection": .string(name.description), "key": .string(key), "warning": .bool(usage.isWarning),
            "limits": .array(usage.measures.map { UsageView.document($0) }),
        ]) { text(usage) }
    }

    private func text(_ usage: RecordUsage) -> String {
        var table = Table("WHAT", "NOW", "LIMIT", "OF LIMIT")
        for measure in usage.measures {
            table.add(
                measure.subject.rawValue, "\(measure.used)", measure.limit.map { "\($0)" } ?? "-",
                UsageView.text(measure))
        }
        return table.text
    }

    private func showAll(_ invocation: Invocation) async throws {
        let usages = try await Stores.with(invocation) { store, _ in
            var usages: [(name: CollectionName, totals: CollectionTotals)] = []
            for (name, _) in try await store.collections() {
                try Task.checkCancellation()
                usages.append((name, try await store.totals(of: name)))
            }
            return usages
        }
        try invocation.output.print(.page(usages.map { .object(UsageView.fields($0.name, $0.totals)) })) {
            guard !usages.isEmpty else { return "nothing is stored" }
            var table = Table(
                "COLLECTION", "PROFILES", "DOCUMENTS", "STORED", "PARTS", "HISTORY", "PENDING", "LARGEST OF LIMIT")
            for (name, totals) in usages {
                table.add(
                    name.description, "\(totals.records)", "\(totals.documentBytes) B", "\(totals.storedBytes) B",
                    "\(totals.parts), \(totals.partBytes) B", "\(totals.versions), \(totals.versionBytes) B",
                    "\(totals.pendingOperations)", UsageView.text(CollectionUsage.measure(of: totals)))
            }
            return table.text
        }
    }

    private func show(_ name: CollectionName, _ invocation: Invocation) async throws {
        let usage = try await Stores.with(invocation) { store, _ in
            try await CollectionUsage.measure(name, in: store)
        }
        try Task.checkCancellation()
        guard usage.totals.records > 0 else { throw CommandError(.notFound, "there is no collection \(name)") }
        let largest = OutputValue.Field(
            name: "largest", value: .array(usage.largest.map { UsageView.document($0) }))
        try invocation.output.print(.object(UsageView.fields(name, usage.totals) + [largest])) {
            let totals = usage.totals
            var table = Table("LARGEST", "DOCUMENT", "STORED", "OF LIMIT")
            for record in usage.largest {
                table.add(
                    record.key.description, "\(record.documentBytes) B", "\(record.storedBytes) B",
                    UsageView.text(CollectionUsage.measure(of: record)))
            }
            return """
                \(totals.records) profiles, \(totals.documentBytes) B of documents, \(totals.storedBytes) B stored
                \(totals.parts) parts, \(totals.partBytes) B; \(totals.versions) kept versions, \
                \(totals.versionBytes) B; \(totals.pendingOperations) pending operations
                \(table.text)
                """
        }
    }
}
