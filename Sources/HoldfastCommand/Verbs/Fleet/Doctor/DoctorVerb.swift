import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct DoctorVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check Redis, the store and the settings, and say what to fix.",
        discussion: "Example: holdfast doctor --redis redis://cache:6379 --json")

    @OptionGroup var global: GlobalOptions

    func perform(_ invocation: Invocation) async throws {
        let settings = invocation.settings
        let checks = try await Backends.running(invocation) { backends in
            let (ofStore, deployment) = await store(backends, settings)
            return await redis(backends, deployment) + ofStore
        }
        let ok = checks.allSatisfy(\.ok)
        try invocation.output.print(["checks": .array(checks.map(\.document)), "ok": .bool(ok)]) { text(checks) }
        guard ok else { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private func redis(_ backends: Backends, _ deployment: Deployment?) async -> [DoctorCheck] {
        do {
            try await backends.waitUntilConnected()
            let facts = try await RedisFacts.read(backends.redis)
            var checks = [
                DoctorCheck("redis.reachable", ok: true, found: "answers", wanted: "answers", fix: "")
            ]
            checks += facts.checks
            if let deployment {
                let found = try await backends.coordination.deploymentID()
                checks.append(
                    DoctorCheck(
                        "redis.deployment", ok: found == deployment.id, found: found?.description ?? "none",
                        wanted: deployment.id.description,
                        fix: found == nil ? "run holdfast migrate" : "check --redis, --store and --deployment"))
            }
            return checks
        } catch {
            return [
                DoctorCheck(
                    "redis.reachable", ok: false, found: CommandError(error).reason, wanted: "answers",
                    fix: "check --redis, HOLDFAST_REDIS_PASSWORD and that Redis runs")
            ]
        }
    }

    private func store(_ backends: Backends, _ settings: Settings) async -> ([DoctorCheck], Deployment?) {
        var checks: [DoctorCheck] = []
        do {
            let status = try await backends.store.status()
            checks.append(
                DoctorCheck(
                    "store.reachable", ok: true, found: "\(status.kind) \(status.version)", wanted: "answers", fix: ""))
        } catch  where [.wrongDeployment, .newerSchema].contains(CommandError(error).code) {
            // It answers; what it says is judged next.
        } catch {
            checks.append(
                DoctorCheck(
                    "store.reachable", ok: false, found: CommandError(error).reason, wanted: "answers",
                    fix: "check --store, HOLDFAST_STORE_PASSWORD and that the store runs"))
        }
        do {
            let deployment = try await deployment(backends.store, settings)
            let wanted = settings.hasExplicitTimings ? settings.timings : deployment.timings
            checks.append(
                DoctorCheck(
                    "store.schema", ok: true, found: "schema \(deployment.schema)", wanted: "readable by this build",
                    fix: ""))
            checks.append(
                DoctorCheck(
                    "store.timings", ok: wanted == deployment.timings, found: Stores.text(deployment.timings),
                    wanted: Stores.text(wanted),
                    fix: "run holdfast migrate with the wanted times, or leave the flags out"))
            return (checks, deployment)
        } catch {
            checks.append(
                DoctorCheck(
                    "store.schema", ok: false, found: CommandError(error).reason, wanted: "readable by this build",
                    fix: "run holdfast migrate"))
            return (checks, nil)
        }
    }

    /// Explicit times that differ are a finding here, not the end.
    private func deployment(_ store: any DurableStore, _ settings: Settings) async throws -> Deployment {
        var lenient = settings
        for name in [SettingName.lease, .renew, .beat] { lenient.shown[name]?.source = .byDefault }
        return try await Stores.deployment(of: store, lenient)
    }

    private func text(_ checks: [DoctorCheck]) -> String {
        let style = TerminalStyle.standardOutput
        return checks.map { check in
            check.ok
                ? "\(style.green("ok"))    \(check.name): \(TerminalText.escaped(check.found))"
                : "\(style.red("FAIL"))  \(check.name): found \(TerminalText.escaped(check.found)), "
                    + "wanted \(check.wanted); \(check.fix)"
        }.joined(separator: "\n")
    }
}
