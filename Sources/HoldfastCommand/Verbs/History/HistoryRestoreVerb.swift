import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct HistoryRestoreVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring back a version of a profile as a new one; what it replaces is kept. Durable.",
        discussion: """
            Refused while a session is live, unless --take-over lets its server save and hand over. Receipts stay: \
            operations that were applied after that version are not applied again, and are named. Of a world the \
            fields come back, its chunks stay as they are: history keeps documents only. Example:
              holdfast history restore players 42 --version 17 --yes
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument
    @OptionGroup var wanted: VersionOptions

    @Flag(help: "End a live session: its server saves, hands over, and its player is out.")
    var takeOver = false

    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { confirmation.deadline(timeout * 2) }

    /// What would be done, or what was.
    private struct Report {
        let restored: Int64
        let version: Int64?
        let replaced: Int64?
        let isExact: Bool
        let undone: [OperationID]
        /// A world's chunks for example: history has none of them.
        let parts: Int
    }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let key = id.key.description
        let selection = try wanted.required
        let planned = try await Stores.with(invocation) { store, _ in
            do {
                return try await preview(selection, RecordHistory(of: id, in: store), store)
            } catch {
                throw CommandError(error, key: key)
            }
        }
        var report = planned
        if !confirmation.dryRun {
            let kept = planned.parts == 0 ? "" : " Its \(planned.parts) parts (chunks) stay as they are."
            try confirmation.check("Restore version \(planned.restored) of \(id)?\(kept)")
            let receipt = try await FleetMember.with(invocation) { coordinator in
                do {
                    // By its number, so that what was asked about is what is done.
                    return try await coordinator.documents(id.collection.description)
                        .restore(id.key, to: .version(planned.restored), takesOver: takeOver)
                } catch {
                    throw CommandError(error, key: key)
                }
            }
            report = Report(
                restored: receipt.restored, version: receipt.version, replaced: receipt.replaced,
                isExact: planned.isExact, undone: receipt.undoneOperations, parts: planned.parts)
        }
        let done = report
        try invocation.output.print(
            [
                "key": .string(key), "restored": .integer(done.restored), "exact": .bool(done.isExact),
                "version": .optional(done.version), "replaced": .optional(done.replaced),
                "undoneOperations": .array(done.undone.map { .string($0.description) }),
                "partsKept": .integer(Int64(done.parts)), "done": .bool(!confirmation.dryRun),
            ]
        ) { text(done, id) }
    }

    private func preview(
        _ selection: VersionSelection, _ history: RecordHistory, _ store: any DurableStore
    ) async throws -> Report {
        let old = try await history.find(selection)
        let now = try await store.read(history.id)
        guard now?.content == nil || now?.version != old.version else {
            throw CommandError(.badInput, "version \(old.version) is what is stored already")
        }
        return Report(
            restored: old.version, version: nil, replaced: now?.content == nil ? nil : now?.version,
            isExact: old.isExact, undone: try await history.operationsApplied(after: old),
            parts: try await store.partSummary(of: history.id).count)
    }

    private func text(_ report: Report, _ id: RecordID) -> String {
        let name = TerminalText.escaped("\(id)")
        var lines = [
            report.version.map { "restored version \(report.restored) of \(name) as version \($0)" }
                ?? "would restore version \(report.restored) of \(name)"
        ]
        if !report.isExact { lines.append("what was stored at that time was not kept; this is the last one before") }
        if let replaced = report.replaced { lines.append("version \(replaced), which it replaces, is kept") }
        if report.parts > 0 {
            lines.append("its \(report.parts) parts (chunks) stay as they are: history keeps documents only")
        }
        if !report.undone.isEmpty {
            let names = report.undone.map { TerminalText.escaped($0.description) }.joined(separator: ", ")
            lines.append("receipts stay; no longer in the data: \(names)")
        }
        return lines.joined(separator: "\n")
    }
}
