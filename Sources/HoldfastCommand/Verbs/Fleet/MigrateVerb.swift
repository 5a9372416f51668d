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
            // Everything that may refuse comes before the first write.
            try await backends.waitUntilConnected()
            let stored = try await Stores.existing(in: backends.store)
            try await refuseForeign(backends, stored, invocation.settings)
            let timings = invocation.settings.hasExplicitTimings ? nil : stored?.timings
            let deployment = try await backends.store.migrate(timings ?? invocation.settings.timings)
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

    /// A Redis that belongs to a deployment already is never joined to another store.
    private func refuseForeign(_ backends: Backends, _ stored: Deployment?, _ settings: Settings) async throws {
        guard let inPlace = try await backends.coordination.deploymentID(), inPlace != stored?.id else { return }
        throw CommandError(
            .wrongDeployment,
            "Redis belongs to a deployment \(settings.deployment) that the store \(settings.store) does not hold; "
                + "check --redis and --store")
    }
}
