import ArgumentParser
import Foundation
import HoldfastCoordination
import HoldfastMemoryStore
import HoldfastRedis
import HoldfastStorage
import HoldfastVerifier
import Logging

/// One run of the demo: prepares both sides, lets the director play with real processes, and has it judged.
struct DemoRun: Sendable {
    /// More than a trade may take, until another server ends it.
    private static let tradePatience: Duration = .seconds(30)

    let plan: DemoPlan
    let folder: RunFolder
    let invocation: Invocation
    let run: RunFile

    /// How a run ended.
    private enum End: Sendable {
        case verified, failed
        /// By the operator; `isVerified` is false when there was no time, or no good verdict.
        case interrupted(isVerified: Bool)
    }

    /// Runs the demo from start to verdict.
    ///
    /// - Throws: `ExitCode` 1 for a run that failed, was void or was not verified, 130 after an interrupt; a
    ///   ``CommandError`` where it could not be run at all.
    static func perform(_ plan: DemoPlan, _ invocation: Invocation) async throws {
        try SabotageSwitch.check(plan.sabotage)
        let folder = try RunFolder()
        let interrupts = Interrupts()
        let end: End
        do {
            let own = try own(invocation, plan, folder)
            end = try await Backends.running(own) { backends in
                let settings = own.settings
                let plan = try await prepare(plan, backends, own)
                let run = RunFile(
                    deployment: settings.deployment, collection: "demo-\(folder.runID)",
                    store: settings.store.description, seed: plan.fleet.seed,
                    startedAt: Timestamp.text(millis: Timestamp.nowMillis()))
                return try await DemoRun(plan: plan, folder: folder, invocation: own, run: run)
                    .play(backends, interrupts)
            }
        } catch {
            if isEmpty(folder) { await folder.remove() }
            throw error
        }
        switch end {
        case .verified: await folder.remove()
        case .failed: throw ExitCode(ExitStatus.failed.rawValue)
        case .interrupted(let isVerified):
            if isVerified { await folder.remove() }
            throw ExitCode(ExitStatus.interrupted.rawValue)
        }
    }

    /// The operator's settings, completed for a private run, and a logger that leaves the live view alone.
    private static func own(
        _ invocation: Invocation, _ plan: DemoPlan, _ folder: RunFolder
    ) throws(CommandError) -> Invocation {
        var settings = invocation.settings
        if plan.isPrivate {
            try DataFolder(path: folder.data).prepare()
            settings.redis = .embedded
            settings.dataDirectory = folder.data
            settings.store = .sqlite(path: "\(folder.data)/holdfast.sqlite")
            settings.deployment = "demo"
        } else if settings.shown[.deployment].map({ $0.source == .byDefault }) ?? true {
            settings.deployment = "demo-\(folder.runID)"
        }
        if case .sqlite(let path) = settings.store { settings.store = .sqlite(path: FileContent.absolute(path)) }
        var logger = invocation.logger
        if settings.logLevel == .notice { logger.logLevel = .critical }
        return Invocation(settings: settings, output: invocation.output, logger: logger)
    }

    /// A folder without any journal explains nothing.
    private static func isEmpty(_ folder: RunFolder) -> Bool {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.journals)) ?? []).isEmpty
    }

    /// Creates the deployment, or takes its times, and installs the commit log.
    private static func prepare(
        _ asked: DemoPlan, _ backends: Backends, _ invocation: Invocation
    ) async throws -> DemoPlan {
        var plan = asked
        let settings = invocation.settings
        let deployment: Deployment
        if let existing = try await Stores.existing(in: backends.store) {
            deployment = existing
        } else {
            deployment = try await backends.store.migrate(plan.timings)
        }
        if deployment.timings != plan.timings {
            guard !settings.hasExplicitTimings else {
                throw CommandError.configuration(
                    "lease, renew and beat differ from those of the deployment (\(Stores.text(deployment.timings)))")
            }
            plan.adopt(deployment.timings)
        }
        try await backends.compare(with: deployment)
        do throws(VerifierError) {
            try CommitLog.install(
                at: StoreLocation(url: settings.store.description, password: settings.storePassword))
        } catch {
            throw DemoJudgement.failure(error)
        }
        return plan
    }

    // MARK: - Play

    private func play(_ backends: Backends, _ interrupts: Interrupts) async throws -> End {
        try run.write(folder: folder.journals)
        let memory = MemoryStore(
            redis: backends.redis, deployment: run.deployment, store: backends.store,
            timeout: backends.redis.configuration.commandTimeout, logger: invocation.connectionLogger)
        for board in DemoBoard.allCases {
            try await memory.createBoard(board.name(in: run.collection), board.settings)
        }
        let watch = try RedisWatch(backend: backends.coordination, runID: folder.runID)
        let director = try await play(backends.redis, interrupts, watch)
        if interrupts.count < 2 { await readBoards(memory) }

        var judged = run
        judged.redisFaults = watch.hadFaults
        judged.endedAt = Timestamp.text(millis: Timestamp.nowMillis())
        try judged.write(folder: folder.journals)
        guard interrupts.count < 2 else {
            complain("interrupted twice: not verified; the run is kept in \(folder.path)")
            return .interrupted(isVerified: false)
        }
        var verdict = try judge()
        // Some broken builds can never end them.
        if verdict.seen.tradesUnfinished > 0, plan.sabotage == nil {
            await finishTrades()
            verdict = try judge()
        }
        return try close(director, verdict, interrupted: interrupts.count > 0)
    }

    /// Lets the fleet play while `watch` looks at Redis; both are over when it returns or throws.
    private func play(
        _ redis: RedisClient, _ interrupts: Interrupts, _ watch: RedisWatch
    ) async throws -> FleetDirector {
        async let _: Void = watch.run()
        return try await FleetLoop(plan: plan, folder: folder, invocation: invocation, run: run)
            .play(interrupts: interrupts, watch: watch, redis: redis)
    }

    private func judge() throws(CommandError) -> Verdict {
        try DemoJudgement.verify(
            journals: folder.journals, store: run.store, password: invocation.settings.storePassword,
            deployment: run.deployment)
    }

    /// Takes part in the fleet until the trades are over that were left when the last servers went; any server ends
    /// those of others.
    private func finishTrades() async {
        do {
            try await FleetMember.with(invocation) { _ in
                let deadline = ContinuousClock.now + Self.tradePatience
                while try judge().seen.tradesUnfinished > 0, .now < deadline {
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
        } catch {
            complain("the last trades could not be ended: \(error)")
        }
    }

    /// Journals the boards as players see them in Redis when the fleet has ended.
    private func readBoards(_ memory: MemoryStore) async {
        let running = Task { try await memory.run() }
        do {
            let journal = try DemoJournal(folder: folder.journals, server: "demo", boot: folder.runID)
            var reader = BoardReader(
                memory: memory, collection: run.collection, players: plan.fleet.players, journal: journal)
            // What a broken build keeps from Redis never comes.
            if plan.sabotage != nil { reader.patience = .seconds(3) }
            try await reader.read()
        } catch {
            complain("the boards could not be read from Redis: \(error)")
        }
        running.cancel()
        _ = await running.result
    }

    /// Prints the summary and decides how the run ended.
    private func close(_ director: FleetDirector, _ verdict: Verdict, interrupted: Bool) throws -> End {
        var tally = director.tally
        tally.correct(by: verdict.seen)
        let summary = DemoSummary(settings: plan.fleet, tally: tally, verdict: verdict)
        try invocation.output.print(summary.document) { summary.text(style: .standardOutput) }
        try invocation.output.flush()

        let void = interrupted ? [] : tally.reasonsVoid(plan.fleet)
        for reason in void { complain("void run: \(reason)") }
        for problem in director.problems { complain(problem) }
        if !verdict.ok { complain("the verification failed: \(verdict.problemCount) problems") }
        guard verdict.ok, void.isEmpty, director.problems.isEmpty else {
            complain(
                "the run is kept in \(folder.path); judge it again with holdfast verify --journals \(folder.journals)")
            return interrupted ? .interrupted(isVerified: false) : .failed
        }
        if !plan.isPrivate {
            // A store that is used for more than this run would pay for the log with every write.
            try? CommitLog.remove(
                at: StoreLocation(
                    url: invocation.settings.store.description, password: invocation.settings.storePassword))
        }
        return interrupted ? .interrupted(isVerified: true) : .verified
    }

    private func complain(_ text: String) { Output.complain("holdfast: \(text)") }
}
