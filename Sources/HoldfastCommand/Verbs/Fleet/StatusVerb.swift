import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct StatusVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show Redis, the store and the servers that beat.",
        discussion: "Example: holdfast status --json")

    @OptionGroup var global: GlobalOptions

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let report = try await Backends.running(invocation) { backends in
            await look(backends, invocation)
        }
        try invocation.output.print(report.document) { report.text }
        if let failure = report.failure {
            Output.complain(failure.line)
            throw ExitCode(failure.exitStatus.rawValue)
        }
    }

    private func look(_ backends: Backends, _ invocation: Invocation) async -> StatusReport {
        var report = StatusReport(deployment: invocation.settings.deployment)
        do {
            try await backends.waitUntilConnected()
            report.redis = try await backends.coordination.status()
            report.servers = try await backends.coordination.servers()
        } catch {
            report.failure = CommandError(error)
        }
        do {
            let deployment = try await Stores.deployment(of: backends.store, invocation)
            let start = ContinuousClock.now
            report.store = try await backends.store.status()
            report.storeLatency = ContinuousClock.now - start
            if report.redis != nil { try await backends.compare(with: deployment) }
        } catch {
            report.failure = report.failure ?? CommandError(error)
        }
        return report
    }
}
