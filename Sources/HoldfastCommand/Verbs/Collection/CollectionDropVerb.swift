import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct CollectionDropVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Delete every profile of a collection, each under its lease. Durable.",
        discussion: """
            Profiles that are open anywhere are left and named; the others go on, and repeating it takes up what is
            left. Example: holdfast collection drop players --dry-run
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The collection.")
    var name: String

    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let collection = try CollectionName(name)
        let records = try await Stores.with(invocation) { store, _ in
            try await store.collections().first { $0.name == collection }?.records ?? 0
        }
        guard records > 0 else {
            throw CommandError(.notFound, "there is no profile in \(collection)")
        }
        let run = CollectionDrop(collection: collection, progress: Progress("drop", totalBytes: nil))
        if !confirmation.dryRun {
            try confirmation.check("Delete all \(records) profiles of \(collection)?")
            do {
                try await FleetMember.with(invocation) { coordinator in try await run.perform(coordinator) }
            } catch {
                // Only the operator cancels it; what was done until then is told all the same.
                guard Task.isCancelled else { throw error }
            }
            run.progress.finish()
        }
        let (deleted, held) = run.counts
        try invocation.output.print(
            [
                "name": .string(collection.description), "records": .integer(Int64(records)),
                "deleted": .integer(Int64(deleted)), "held": .array(held.map { .string($0) }),
            ]
        ) {
            confirmation.dryRun
                ? "would delete \(records) profiles of \(collection)"
                : "deleted \(deleted) profiles of \(collection), \(held.count) are held"
        }
        if Task.isCancelled {
            Output.complain("holdfast: interrupted; dropping it again goes on from here")
            throw ExitCode(ExitStatus.interrupted.rawValue)
        }
        guard held.isEmpty else {
            Output.complain("holdfast: profiles that are open on servers were left; try again later")
            throw ExitCode(ExitStatus.held.rawValue)
        }
    }
}
