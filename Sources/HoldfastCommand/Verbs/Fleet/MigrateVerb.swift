import ArgumentParser
import HoldfastStorage

struct MigrateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Create or upgrade the store's layout, and give store and Redis the deployment's id.",
        discussion:
            "Safe to repeat. Example: holdfast migrate --store postgres://game@db/game --redis redis://cache:6379")

    @OptionGroup var global: GlobalOptions

    func perform(_ invocation: Invocation) async throws {
        let deployment = try await Backends.running(invocation) { backends in
            let deployment = try await backends.store.migrate(try await timings(backends.store, invocation.settings))
            try await backends.compare(with: deployment)
            return deployment
        }
        try invocation.output.print(
            [
                "deployment": .string(deployment.name), "id": .string(deployment.id.description),
                "schema": .integer(Int64(deployment.schema)),
                "minimumReader": .integer(Int64(deployment.minimumReader)),
                "leaseMillis": .integer(deployment.timings.leaseMillis),
                "renewMillis": .integer(deployment.timings.renewMillis),
                "beatMillis": .integer(deployment.timings.beatMillis),
            ]
        ) {
            "deployment \(deployment.name) is ready: schema \(deployment.schema), \(Stores.text(deployment.timings))"
        }
    }

    /// Times that were not given stay as they are stored.
    private func timings(_ store: any DurableStore, _ settings: Settings) async throws -> DeploymentTimings {
        guard !settings.hasExplicitTimings else { return settings.timings }
        do {
            return try await store.deployment().timings
        } catch {
            guard [.wrongDeployment, .notFound].contains(error.code) else { throw error }
            return settings.timings
        }
    }
}
