import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct HistoryListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the versions of a profile: what is stored now, and what is kept.",
        discussion: "Newest first. Example: holdfast history list players 42 --limit 20")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    @Option(help: ArgumentHelp("The most rows, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin after the page that ended with this version.", valueName: "version"))
    var after: Int64?

    var createsStore: Bool { false }

    private struct Row {
        let version: Int64
        let writtenAt: Int64
        /// Nil for what is stored now.
        let replacedAt: Int64?
        let reason: String?
        let schema: Int
        let storedBytes: Int
        let documentBytes: Int
        let isDeletion: Bool
    }

    func perform(_ invocation: Invocation) async throws {
        guard (1...1_000).contains(limit) else { throw CommandError.usage("--limit: expected 1 to 1000") }
        let id = try record.id
        let (rows, next) = try await Stores.with(invocation) { store, _ in try await page(id, store) }
        guard !rows.isEmpty || after != nil else {
            throw CommandError(
                .notFound, "there is no such profile in \(id.collection), and no version of one",
                key: id.key.description)
        }
        try invocation.output.print(.page(rows.map(document), next: next.map(String.init))) {
            guard !rows.isEmpty else { return "no more versions" }
            var table = Table("VERSION", "WRITTEN", "REPLACED", "DOCUMENT", "KEPT")
            for row in rows {
                table.add(
                    "\(row.version)", Timestamp.text(millis: row.writtenAt),
                    row.replacedAt.map(Timestamp.text) ?? "-", "\(row.documentBytes) B", kept(row))
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }

    /// What is stored now comes first; history may have kept it already, too.
    private func page(_ id: RecordID, _ store: any DurableStore) async throws -> ([Row], Int64?) {
        var rows: [Row] = []
        if after == nil, let now = try await store.read(id), let content = now.content {
            rows.append(
                Row(
                    version: now.version, writtenAt: now.updatedAtMillis, replacedAt: nil, reason: nil,
                    schema: content.schema, storedBytes: content.payload.bytes.count,
                    documentBytes: content.payload.documentBytes, isDeletion: false))
        }
        let before = after ?? rows.first?.version
        for entry in try await store.history(of: id, before: before, limit: limit) {
            rows.append(
                Row(
                    version: entry.version, writtenAt: entry.updatedAtMillis, replacedAt: entry.replacedAtMillis,
                    reason: entry.reason, schema: entry.schema, storedBytes: entry.storedBytes,
                    documentBytes: entry.documentBytes, isDeletion: entry.isDeletion))
        }
        rows = Array(rows.prefix(limit))
        guard rows.count == limit, let last = rows.last?.version else { return (rows, nil) }
        return (rows, try await store.history(of: id, before: last, limit: 1).isEmpty ? nil : last)
    }

    private func kept(_ row: Row) -> String {
        if row.replacedAt == nil { return "stored now" }
        return row.reason ?? (row.isDeletion ? "before a deletion" : "hourly")
    }

    private func document(_ row: Row) -> OutputValue {
        [
            "version": .integer(row.version), "writtenAt": .time(row.writtenAt),
            "replacedAt": row.replacedAt.map { .time($0) } ?? .null, "current": .bool(row.replacedAt == nil),
            "reason": .optional(row.reason), "beforeDeletion": .bool(row.isDeletion),
            "schema": .integer(Int64(row.schema)), "storedBytes": .integer(Int64(row.storedBytes)),
            "documentBytes": .integer(Int64(row.documentBytes)),
        ]
    }
}
