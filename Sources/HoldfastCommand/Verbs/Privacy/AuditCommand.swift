import ArgumentParser
import HoldfastStorage

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "See which operators changed what.",
        discussion: "Example: holdfast audit list --since 2026-05-04T12:00:00Z",
        subcommands: [AuditListVerb.self])
}

struct AuditListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what operators did with this command, the oldest first.",
        discussion: """
            Without --since and --after: the newest ones. An action without an outcome is running, or its process was \
            killed. Example:
              holdfast audit list --limit 20
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The most rows, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin behind this place, `next` of the page before.", valueName: "sequence"))
    var after: Int64?

    @Option(help: ArgumentHelp("Only what began at this time or later.", valueName: "time"))
    var since: String?

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        guard (1...1_000).contains(limit) else { throw CommandError.usage("--limit: expected 1 to 1000") }
        let since = try since.map { text in
            guard let millis = Timestamp.millis(text) else {
                throw CommandError.usage("--since: expected a time such as 2026-05-04T12:00:00Z")
            }
            return millis
        }
        let isTail = since == nil && after == nil
        let (rows, next) = try await Stores.with(invocation) { store, _ in
            try await find(since: since ?? .min, isTail: isTail, in: AuditLog(of: store))
        }
        try invocation.output.print(.page(rows.map(\.document), next: next.map { "\($0)" })) {
            guard !rows.isEmpty else { return "no actions" }
            var table = Table("BEGAN", "WHO", "VERB", "TARGET", "OUTCOME", "REASON")
            for row in rows {
                table.add(
                    Timestamp.text(millis: row.begunAtMillis), "\(row.action.user)@\(row.action.host)",
                    row.action.verb, row.action.target, row.outcome ?? "-", row.action.reason ?? "")
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }

    /// The page that was asked for; the last rows of all where no start was given.
    private func find(
        since: Int64, isTail: Bool, in log: AuditLog
    ) async throws -> (rows: [AuditEntry], next: Int64?) {
        var rows: [AuditEntry] = []
        var next: Int64? = after ?? 0
        while let start = next {
            try Task.checkCancellation()
            let page = try await log.entries(after: start, limit: 1_000)
            rows += page.entries.filter { $0.begunAtMillis >= since }
            next = page.next
            if isTail {
                rows = rows.suffix(limit)
            } else if rows.count > limit || rows.count == limit && next != nil {
                rows = Array(rows.prefix(limit))
                return (rows, rows.last?.sequence)
            }
        }
        return (rows, nil)
    }
}

extension AuditEntry {
    /// The row as `--json` prints it.
    var document: OutputValue {
        [
            "sequence": .integer(sequence), "id": .string(id.description), "user": .string(action.user),
            "host": .string(action.host), "verb": .string(action.verb), "target": .string(action.target),
            "reason": .optional(action.reason), "outcome": .optional(outcome), "begunAt": .time(begunAtMillis),
            "endedAt": endedAtMillis.map { .time($0) } ?? .null,
        ]
    }
}
