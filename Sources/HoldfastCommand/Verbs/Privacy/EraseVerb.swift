import ArgumentParser
import HoldfastMemoryStore
import HoldfastProfiles
import HoldfastStorage

struct EraseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Remove a person's data everywhere, and tell what was removed. Durable.",
        discussion: """
            Empties every profile and world that names the user id, with history, parts, waiting operations and \
            copies in Redis; sessions that have one open end without a save. Also removes scores and notifications of \
            the user id, and of the keys of profiles that name nobody else. Records that name others, too, go as a \
            whole and are marked as shared: look at them with --dry-run first. Repeating it finishes what was cut \
            short. Example:
              holdfast erase --user ann --dry-run
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The person's user id, as profiles name it.", valueName: "id"))
    var user: String

    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        do {
            try Erasure.validate(userID: user)
        } catch {
            throw CommandError.usage("--user: \(error.message)")
        }
        var report = try await with(invocation) { try await $0.preview(userID: user) }
        if !confirmation.dryRun {
            try confirmation.check(
                "Erase the person's data: \(report.records.count) records, \(report.scores.scores) scores?")
            report = try await with(invocation) { try await $0.erase(userID: user) }
        }
        let done = report
        try invocation.output.print(document(done)) { text(done) }
    }

    private func with(
        _ invocation: Invocation, _ body: @escaping @Sendable (UserEraser) async throws -> ErasureReport
    ) async throws -> ErasureReport {
        try await Backends.withMemory(invocation) { memory, backends in
            try await body(UserEraser(store: backends.store, backend: backends.coordination, boards: memory))
        }
    }

    private func document(_ report: ErasureReport) -> OutputValue {
        func sum(_ number: (ErasureReport.ErasedRecord) -> Int) -> OutputValue {
            .integer(Int64(report.records.reduce(0) { $0 + number($1) }))
        }
        return [
            "user": .string(user), "records": .integer(Int64(report.records.count)),
            "sharedRecords": sum { $0.isShared ? 1 : 0 }, "storedBytes": sum(\.storedBytes), "parts": sum(\.parts),
            "historyVersions": .integer(
                Int64(report.historyVersions + report.records.reduce(0) { $0 + $1.historyVersions })),
            "pendingOperations": sum(\.pendingOperations), "scores": .integer(Int64(report.scores.scores)),
            "boards": .array(report.scores.boards.map { .string($0) }),
            "notifications": .integer(Int64(report.scores.notifications)),
            "sessionsEnded": .integer(Int64(report.endedSessions)),
            "silentServers": .array(report.silentServers.map { .string($0) }),
            "rows": .array(
                report.records.map { record in
                    [
                        "collection": .string(record.id.collection.description),
                        "key": .string(record.id.key.description), "shared": .bool(record.isShared),
                        "open": .bool(record.wasOpen), "storedBytes": .integer(Int64(record.storedBytes)),
                    ]
                }),
            "done": .bool(!confirmation.dryRun),
        ]
    }

    private func text(_ report: ErasureReport) -> String {
        let shared = report.records.count(where: \.isShared)
        let word = confirmation.dryRun ? "would erase" : "erased"
        var lines = [
            "\(word) \(report.records.count) records (\(shared) of them shared with others), \(report.scores.scores) "
                + "scores, \(report.scores.notifications) notifications"
        ]
        if !report.records.isEmpty {
            var table = Table("COLLECTION", "KEY", "STORED", "SHARED", "OPEN")
            for record in report.records {
                table.add(
                    record.id.collection.description, record.id.key.description, "\(record.storedBytes) B",
                    record.isShared ? "yes" : "", record.wasOpen ? "yes" : "")
            }
            lines.append(table.text)
        }
        if !report.silentServers.isEmpty {
            let names = report.silentServers.map { TerminalText.escaped($0) }.joined(separator: ", ")
            lines.append(
                "these servers have not answered; their sessions can save nothing and end by themselves: \(names)")
        }
        return lines.joined(separator: "\n")
    }
}
