import ArgumentParser
import HoldfastStorage

struct MigrateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Create or upgrade the store's layout, and give store and Redis the deployment's id.",
        discussion:
            """
            Safe to repeat. Example: holdfast migrate --store postgres://game@db/game --redis redis://cache:6379

            Servers of the release before go on beside newer ones, but know nothing of what the new layout adds: \
            they apply operations without regard to delay, expiry and pauses. Deliver such operations when none is left.

            A store that was put back from a backup needs --after-restore once, before servers start: whoever held a \
            record before can save it no more, logs are read anew, and ranks are made anew from the store. What Redis \
            alone has stays, and so do items of durable queues that were added after the backup; flush Redis, too, \
            where they are to go. --bump-generation does the first of these alone, at once, for a database that was \
            put back by its own means and whose logs and boards nobody used since. It does not end sessions of servers \
            of the release before (layout 2), which name no generation: where such run, use --after-restore.
            """)

    @Flag(help: "Also fence off every session from before a restore, and bring Redis back to what the store has.")
    var afterRestore = false

    @Flag(
        help:
            """
            Also give the store a new generation: every session from before ends at its next save; --after-restore \
            does it too. Where servers of the release before run, use --after-restore: their sessions name no \
            generation.
            """
    )
    var bumpGeneration = false
    @OptionGroup var global: GlobalOptions

    /// What the settling of a restore came to.
    private struct Settled {
        var records = 0
        var spaces = 0
        var erased = 0
        var seasons = 0
    }

    /// Every record is written: that takes as long as it takes.
    func deadline(timeout: Duration) throws -> Duration? { afterRestore ? nil : timeout }

    func perform(_ invocation: Invocation) async throws {
        let (deployment, settled) = try await Backends.running(invocation) { backends in
            // Everything that may refuse comes before the first write.
            try await backends.waitUntilConnected()
            let stored = try await Stores.existing(in: backends.store)
            try await refuseForeign(backends, stored, invocation.settings)
            let timings = invocation.settings.hasExplicitTimings ? nil : stored?.timings
            // A layout without logs has no audit log either: it begins where there is one.
            if stored.map({ $0.schema >= 2 }) ?? false { try await invocation.audit?.begin(in: backends.store) }
            let deployment = try await backends.store.migrate(timings ?? invocation.settings.timings)
            try await backends.compare(with: deployment)
            try await invocation.audit?.begin(in: backends.store)
            let settled = afterRestore ? try await settle(backends, invocation) : nil
            if bumpGeneration, !afterRestore { _ = try await backends.store.bumpGeneration() }
            return (try await backends.store.deployment(), settled)
        }
        var fields: [(String, OutputValue)] = [
            ("deployment", .string(deployment.name)), ("id", .string(deployment.id.description)),
            ("schema", .integer(Int64(deployment.schema))),
            ("minimumReader", .integer(Int64(deployment.minimumReader))),
            ("leaseMillis", .integer(deployment.timings.leaseMillis)),
            ("renewMillis", .integer(deployment.timings.renewMillis)),
            ("beatMillis", .integer(deployment.timings.beatMillis)),
            ("generation", .integer(deployment.generation)),
        ]
        var lines = [
            "deployment \(deployment.name) is ready: schema \(deployment.schema), \(Stores.text(deployment.timings))"
        ]
        if bumpGeneration || afterRestore { lines.append("generation \(deployment.generation)") }
        if let settled {
            fields.append(("recordsErased", .integer(Int64(settled.erased))))
            fields.append(("recordsFenced", .integer(Int64(settled.records))))
            fields.append(("spacesRenewed", .integer(Int64(settled.spaces))))
            fields.append(("seasonsDropped", .integer(Int64(settled.seasons))))
            lines.append(
                "\(settled.records) records fenced off, \(settled.erased) of erased people emptied, "
                    + "\(settled.spaces) logs and score tables renewed, "
                    + "\(settled.seasons) seasons of boards taken out of Redis")
        }
        try invocation.output.print(.fields(fields)) {
            lines.joined(separator: "\n")
        }
    }

    /// Goes through the whole store, then through Redis; safe to interrupt and to run again.
    private func settle(_ backends: Backends, _ invocation: Invocation) async throws -> Settled {
        let progress = Progress("after restore", totalBytes: nil)
        defer { progress.finish() }
        var settled = Settled()
        var position: RestorePosition? = .start
        while let next = position {
            try Task.checkCancellation()
            let step = try await backends.store.settleRestore(from: next)
            settled.records += step.records
            settled.spaces += step.spaces
            progress.advance(items: step.records + step.spaces)
            position = step.next
        }
        settled.erased = try await backends.store.reapplyErasures()
        settled.seasons = try await RestoredBoards.settle(backends, invocation).seasons
        return settled
    }

    /// A Redis that belongs to a deployment already is never joined to another store.
    private func refuseForeign(_ backends: Backends, _ stored: Deployment?, _ settings: Settings) async throws {
        guard let inPlace = try await backends.coordination.deploymentID(), inPlace != stored?.id else { return }
        throw CommandError(
            .wrongDeployment,
            "Redis belongs to a deployment \(settings.deployment) that the store \(settings.store) does not hold; "
                + "check --redis and --store")
    }
}
