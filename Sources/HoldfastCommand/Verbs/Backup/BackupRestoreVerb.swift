import ArgumentParser
import HoldfastStorage

struct BackupRestoreVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of everything that the store holds, all at once. Durable.",
        discussion: """
            The file is verified first. An interrupted restore changes nothing; a finished one ends every session from
            before without a save, makes ranks anew, and leaves out who was erased meanwhile. Servers may run: what
            they write waits, and their players join anew. A file from SQLite goes into PostgreSQL, and the other way
            round.
            Example: holdfast backup restore fleet.backup --dry-run
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A file that backup create wrote.")
    var file: String

    @OptionGroup var confirmation: Confirmation

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let progress = Progress("restore", totalBytes: nil)
        let verified = try await Backup.verify(file) { rows, _ in progress.advance(items: rows) }
        let (plan, servers, summary, boards) = try await Backends.running(invocation) {
            backends -> (RestorePlan?, Int, RestoreSummary?, (seasons: Int, scores: Int)) in
            try await backends.waitUntilConnected()
            let servers = try await backends.coordination.servers().count
            let settings = invocation.settings
            let existing = try await Stores.existing(in: backends.store)
            let inPlace = try await backends.coordination.deploymentID()
            let source = verified.header.deployment
            if existing == nil, let inPlace, inPlace != source.id || source.name != settings.deployment {
                throw foreign(settings)
            }
            guard existing != nil || !confirmation.dryRun else { return (nil, servers, nil, (0, 0)) }
            if existing == nil {
                _ = try await backends.store.migrate(settings.hasExplicitTimings ? settings.timings : source.timings)
            }
            let store = try Stores.backupStore(backends.store)
            var plan = try await store.planRestore(of: verified)
            if let inPlace {
                guard [plan.id, plan.target.id].contains(inPlace) else { throw foreign(settings) }
                plan.id = inPlace
            }
            guard !confirmation.dryRun else { return (plan, servers, nil, (0, 0)) }
            if plan.replaces {
                let fleet = servers > 0 ? ", and end the sessions of \(servers) running servers" : ""
                try confirmation.check("Replace everything that deployment \(plan.target.name) holds\(fleet)?")
            }
            try await invocation.audit?.begin(in: store)
            let summary = try await store.restore(from: file, plan: plan) { progress.advance(items: $0) }
            // The audit log went back with the rest.
            await invocation.audit?.beginAgain(in: store)
            try await backends.compare(with: try await store.deployment())
            let boards = try await RestoredBoards.settle(backends, invocation, erasing: summary.erasedNames)
            return (plan, servers, summary, boards)
        }
        progress.finish()
        let report = BackupReport(file: file, summary: verified)
        let fields: [(String, OutputValue)] = [
            ("restored", .bool(summary != nil)), ("replaces", .bool(plan?.replaces ?? false)),
            ("runningServers", .integer(Int64(servers))),
            ("erasedRecords", .integer(Int64(summary?.erasedRecords ?? 0))),
            ("newGeneration", summary.map { .integer($0.identity.generation) } ?? .null),
            ("erasedScores", .integer(Int64(boards.scores))),
            ("seasonsDropped", .integer(Int64(boards.seasons))),
        ]
        try invocation.output.print(.fields(report.fields + fields)) {
            guard let summary else {
                return "would restore \(report.text)"
                    + (plan?.replaces == true ? ", in the place of what is there" : ", into an empty deployment")
                    + (servers > 0 ? ", and end the sessions of \(servers) running servers" : "")
            }
            return
                "restored \(report.text); \(summary.erasedRecords) records and \(boards.scores) scores of erased "
                + "people left out, \(boards.seasons) seasons of boards taken out of Redis"
        }
    }

    /// A Redis that belongs to a deployment already is never joined to another store.
    private func foreign(_ settings: Settings) -> CommandError {
        CommandError(
            .wrongDeployment,
            "Redis belongs to a deployment \(settings.deployment) that is neither the store's nor the backup's; "
                + "check --redis, --store and --deployment")
    }
}
