import ArgumentParser
import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage

struct DoctorVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check Redis, the store and the settings, and say what to fix.",
        discussion: """
            With --records also every stored byte of all profiles and worlds, or of one collection.
            Example: holdfast doctor --redis redis://cache:6379 --json
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Also look at every record with its parts and history for damaged bytes.")
    var records = false

    @Argument(help: "With --records: only this collection.")
    var collection: String?

    var createsStore: Bool { false }

    /// Looking at every record takes as long as it takes.
    func deadline(timeout: Duration) throws -> Duration? { records ? nil : timeout }

    func perform(_ invocation: Invocation) async throws {
        guard records || collection == nil else { throw CommandError.usage("a collection goes with --records") }
        let name = try collection.map { try CollectionName($0) }
        var checks = await checks(invocation)
        var damaged: [RecordDamage] = []
        // Without a store that answers there is nothing more to say.
        if records, checks.allSatisfy({ $0.ok || !$0.name.hasPrefix("store.") }) {
            let scan = try await Stores.with(invocation) { store, _ in
                try await RecordScan(of: name, in: store, progress: Progress("records", totalBytes: nil))
            }
            checks.append(scan.check)
            damaged = scan.damaged
        }
        let (ok, all) = (checks.allSatisfy(\.ok), checks)
        var fields: [OutputValue.Field] = [.init(name: "checks", value: .array(all.map(\.document)))]
        if records { fields.append(.init(name: "damaged", value: .array(damaged.map { .object($0.fields) }))) }
        try invocation.output.print(.object(fields + [.init(name: "ok", value: .bool(ok))])) {
            ([text(all)] + damaged.map(\.text)).joined(separator: "\n")
        }
        guard ok else { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    /// Looks at both sides at once, so that one that hangs is not taken for the other.
    private func checks(_ invocation: Invocation) async -> [DoctorCheck] {
        let store: any DurableStore
        var failure: (any Error)?
        do {
            store = try Stores.open(invocation)
        } catch {
            // Redis is looked at all the same.
            store = InMemoryStore(deployment: invocation.settings.deployment)
            failure = error
        }
        async let ofRedis = redis(invocation, store)
        let (ofStore, deployment) =
            if let failure { ([unreachable(failure)], Deployment?.none) } else { await self.store(store, invocation) }
        var (checks, found) = await ofRedis
        await store.close()
        if let deployment, let found {
            checks.append(
                DoctorCheck(
                    "redis.deployment", ok: found.id == deployment.id, found: found.id?.description ?? "none",
                    wanted: deployment.id.description,
                    fix: found.id == nil ? "run holdfast migrate" : "check --redis, --store and --deployment"))
        }
        return checks + ofStore
    }

    /// What Redis answered when it was asked for the deployment's id.
    private struct FoundID: Sendable {
        let id: RandomID?
    }

    private func redis(
        _ invocation: Invocation, _ store: any DurableStore
    ) async -> (checks: [DoctorCheck], found: FoundID?) {
        do {
            let backends = try await Backends.open(invocation, store: store)
            return try await backends.running {
                try await backends.waitUntilConnected()
                let checks = try await RedisChecks.run(backends.redis, invocation)
                let found = FoundID(id: try await backends.coordination.deploymentID())
                let answers = DoctorCheck("redis.reachable", ok: true, found: "answers", wanted: "answers", fix: "")
                return ([answers] + checks, found)
            }
        } catch {
            let error = CommandError(error)
            let check = DoctorCheck(
                "redis.reachable", ok: false, found: error.reason, wanted: "answers",
                fix: [.diskFull, .notFound].contains(error.code)
                    ? error.advice : "check --redis, HOLDFAST_REDIS_PASSWORD and that Redis runs")
            return ([check], nil)
        }
    }

    private func store(_ store: any DurableStore, _ invocation: Invocation) async -> ([DoctorCheck], Deployment?) {
        let settings = invocation.settings
        var found = "answers"
        do {
            let status = try await store.status()
            found = "\(status.kind) \(status.version)"
        } catch {
            // One of these is an answer, too; what it says is judged next.
            guard [.wrongDeployment, .newerSchema].contains(error.code) else { return ([unreachable(error)], nil) }
        }
        var checks = [DoctorCheck("store.reachable", ok: true, found: found, wanted: "answers", fix: "")]
        do {
            let deployment = try await deployment(store, invocation)
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
                    fix: fix(CommandError(error))))
            return (checks, nil)
        }
    }

    private func unreachable(_ error: any Error) -> DoctorCheck {
        let error = CommandError(error)
        return DoctorCheck("store.reachable", ok: false, found: error.reason, wanted: "answers", fix: fix(error))
    }

    /// What to do about a store that failed.
    private func fix(_ error: CommandError) -> String {
        switch error.code {
        case .wrongDeployment: "check --deployment or run holdfast migrate"
        case .newerSchema: "use a newer holdfast"
        case .corrupt: "check --store; if it is the right one, restore it from a backup"
        case .notFound: error.advice
        case .denied: "check permissions, user and HOLDFAST_STORE_PASSWORD"
        case .diskFull: "free some space and try again"
        case .usage: "change --store or --data-dir"
        default: "check --store, HOLDFAST_STORE_PASSWORD and that the store runs"
        }
    }

    /// Explicit times that differ are a finding here, not the end.
    private func deployment(_ store: any DurableStore, _ invocation: Invocation) async throws -> Deployment {
        var lenient = invocation
        for name in [SettingName.lease, .renew, .beat] { lenient.settings.shown[name]?.source = .byDefault }
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
