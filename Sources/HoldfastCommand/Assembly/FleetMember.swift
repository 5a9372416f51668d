import Foundation
import HoldfastProfiles
import HoldfastStorage
import Logging

/// This process as a short-lived server of the fleet: the only way in which a verb writes profiles.
enum FleetMember {
    /// Runs a coordinator for the time of `body`, then drains it: everything is saved and released, also
    /// where the verb is interrupted.
    static func with<Result: Sendable>(
        _ invocation: Invocation, _ body: @escaping @Sendable (Coordinator) async throws -> Result
    ) async throws -> Result {
        let backends = try await Backends.open(invocation)
        do {
            // Looked at first, since a coordinator waits for a Redis that is not there yet.
            let deployment = try await backends.running {
                try await backends.waitUntilConnected()
                let deployment = try await Stores.deployment(of: backends.store, invocation)
                try await backends.compare(with: deployment)
                try await invocation.audit?.begin(in: backends.store)
                return deployment
            }
            let result = try await run(
                backends.fresh, deployment, invocation.settings, invocation.connectionLogger, body)
            await backends.store.close()
            return result
        } catch {
            await backends.store.close()
            throw error
        }
    }

    private static func run<Result: Sendable>(
        _ backends: Backends, _ deployment: Deployment, _ settings: Settings, _ logger: Logger,
        _ body: @escaping @Sendable (Coordinator) async throws -> Result
    ) async throws -> Result {
        var configuration = CoordinatorConfiguration(serverID: serverID())
        configuration.timings = deployment.timings
        configuration.autosave = settings.autosave
        configuration.openTimeout = settings.timeout
        configuration.saveTimeout = settings.timeout
        configuration.drainTimeout = .seconds(4)
        configuration.traces = settings.traces
        let coordinator = try Coordinator(
            configuration: configuration, backend: backends.coordination, store: backends.store, logger: logger)

        // Not children of this task: an interruption must reach the verb only, so that the coordinator can still
        // save and release.
        let running = Task { try await coordinator.run() }
        let watch = Task { try await backends.embedded?.run() }
        defer { watch.cancel() }
        do {
            try await coordinator.waitUntilReady(timeout: settings.timeout / 2)
            let result = try await body(coordinator)
            coordinator.requestDrain()
            try await running.value
            return result
        } catch {
            coordinator.requestDrain()
            let patience = Task {
                try await Task.sleep(for: .seconds(4))
                running.cancel()
            }
            _ = await running.result
            patience.cancel()
            throw error
        }
    }

    /// A name that an operator recognises in `server list` and in leases, within the limits of server ids.
    static func serverID() -> String {
        let host = ProcessInfo.processInfo.hostName.utf8.prefix(40).map { byte -> Character in
            let character = Character(Unicode.Scalar(byte))
            return byte < 0x80 && (character.isLetter || character.isNumber) ? character : "-"
        }
        return "cli-\(String(host))-\(ProcessInfo.processInfo.processIdentifier)"
    }
}
