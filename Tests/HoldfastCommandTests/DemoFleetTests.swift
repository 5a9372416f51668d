import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

/// Small fleets of real processes, sound and broken on purpose.
///
/// One at a time: they measure.
@Suite(.serialized) struct DemoFleetTests {
    /// Times that give a run of few seconds many lease generations.
    private static let times = ["--lease", "1s", "--renew", "400ms", "--beat", "100ms", "--autosave", "500ms"]

    /// Its own folders, and the times of a verb that nobody has changed.
    private static func environment(_ temporary: TemporaryFolder) -> [String: String] {
        ["HOLDFAST_DATA_DIR": "", "HOLDFAST_TIMEOUT": "10s", "TMPDIR": temporary.path]
    }

    private func demo(_ arguments: [String], temporary: TemporaryFolder) async throws -> Tool.Outcome {
        let tool = try Tool(environment: Self.environment(temporary))
        return try await tool.run(
            ["demo", "--json", "--servers", "3", "--players", "40"] + arguments, patience: .seconds(180))
    }

    /// Whether a run proves nothing: a fault that was asked for met nobody, or the machine was too slow to play.
    private func isVoid(status: Int32, output: String, errors: String) -> Bool {
        status == 1 && errors.contains("void run:") && output.contains("\"ok\":true")
    }

    /// Whether a run was sound, but slower than one that counts: some disks take no more.
    private func isSlow(status: Int32, output: String, errors: String) -> Bool {
        let complaints = errors.split(separator: "\n").filter {
            $0.hasPrefix("holdfast: ") && !$0.contains("the run is kept in")
        }
        return isVoid(status: status, output: output, errors: errors)
            && complaints.allSatisfy { $0.contains("saves a second on average") }
    }

    private func verification(_ outcome: Tool.Outcome) throws -> [String: Any] {
        try #require(try outcome.json()["verification"] as? [String: Any])
    }

    @Test("a sound fleet with crashes and freezes is verified and leaves nothing behind")
    func sound() async throws {
        var temporary = try TemporaryFolder()
        let run = ["--duration", "5s", "--crash-every", "2s", "--freeze-every", "2s"] + Self.times
        var outcome = try await demo(run + ["--seed", "1"], temporary: temporary)
        for seed in 2...6 where isVoid(status: outcome.status, output: outcome.output, errors: outcome.errors) {
            // A void run is kept.
            temporary = try TemporaryFolder()
            outcome = try await demo(run + ["--seed", "\(seed)"], temporary: temporary)
        }
        let isSlow = self.isSlow(status: outcome.status, output: outcome.output, errors: outcome.errors)
        #expect(outcome.status == 0 || isSlow, "\(outcome.errors)")
        let json = try outcome.json()
        #expect(try verification(outcome)["ok"] as? Bool == true)
        #expect(try verification(outcome)["boardMismatches"] as? Int == 0)
        #expect((json["scores"] as? Int ?? 0) > 0 && (json["announcements"] as? Int ?? 0) > 0)
        #expect((json["worldVisits"] as? Int ?? 0) > 0 && (json["worldHandOvers"] as? Int ?? 0) > 0)
        for field in [
            "servers", "players", "seconds", "joins", "edits", "saves", "hops", "trades", "tradesAcrossServers",
            "tradesAborted", "operationsDelivered",
            "operationsApplied", "operationsWhileAway", "operationSteps", "operationsCancelled", "operationsExpired",
            "operationsDead", "crashes", "freezes", "announcements", "scores", "worlds", "worldSaves",
            "worldVisits", "worldHandOvers", "worldTakeOvers", "staleWritesRefused", "ambiguousSaves",
        ] {
            #expect(json[field] is Int || json[field] is Double, "\(field)")
        }
        for field in ["handoverMillis", "takeoverMillis", "joinMillis", "saveMillis"] {
            #expect((json[field] as? [String: Any])?.count == 3, "\(field)")
        }
        #expect(outcome.lines.count == 1)
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        #expect(isSlow || !left.contains { $0.hasPrefix("holdfast-demo") })
    }

    @Test("on PostgreSQL, scores and announcements outlive a Redis that is killed and comes back empty")
    func redisKilled() async throws {
        var (status, output, errors) = try await playWhileRedisIsKilled(seed: 1)
        for seed in 2...6 where isVoid(status: status, output: output, errors: errors) {
            (status, output, errors) = try await playWhileRedisIsKilled(seed: seed)
        }
        #expect(status == 0 || isSlow(status: status, output: output, errors: errors), "\(errors)")
        #expect(output.contains("\"boardMismatches\":0,\"tornWorlds\":0,\"halfTrades\":0,\"ok\":true"), "\(output)")
    }

    private func playWhileRedisIsKilled(
        seed: Int
    ) async throws -> (status: Int32, output: String, errors: String) {
        let temporary = try TemporaryFolder()
        let (postgres, redis) = (try await PrivatePostgres.start(syncs: false), try await RedisProcess.start())
        defer { postgres.stop() }
        defer { redis.stop() }
        let tool = try Tool(environment: Self.environment(temporary))
        let scratch = try TemporaryFolder()
        let run = ["--servers", "3", "--players", "40", "--duration", "6s", "--seed", "\(seed)", "--crash-every", "3s"]
        let sides = ["--store", postgres.url(), "--redis", "redis+unix://\(redis.socketPath)"]
        let child = try tool.start(["demo", "--json"] + run + sides + Self.times, in: scratch)
        func errors() -> String { (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? "" }
        try await eventually("the fleet has played a little") {
            // Not every second has its line.
            (2...5).contains { errors().contains("playing 0:0\($0)") }
        }
        redis.kill()
        try await redis.restart()
        try await eventually("the demo ends", within: .seconds(180)) { !child.isRunning }
        let status = child.stop()
        return (status, try String(contentsOfFile: scratch.file("out"), encoding: .utf8), errors())
    }

    /// A way to break a build, and what the verdict must say of it.
    struct Break: Sendable {
        let sabotage: String
        /// The counter of the verdict that moves; nil for a promise that has none.
        let counter: String?
        /// Words of a problem, where the counter has several rules.
        let words: String

        init(_ sabotage: String, _ counter: String?, words: String = "NOT verified") {
            self.sabotage = sabotage
            self.counter = counter
            self.words = words
        }
    }

    /// A build that is broken in ways that move different counters, and the faults that show it.
    struct BrokenBuild: Sendable, CustomTestStringConvertible {
        let breaks: [Break]
        let faults: [String]

        var testDescription: String { breaks.map(\.sabotage).joined(separator: ",") }

        init(_ breaks: Break..., faults: String) {
            self.breaks = breaks
            self.faults = faults.split(separator: " ").map(String.init)
        }
    }

    /// Breaks share a run where no other one of it moves the same counter with the same words.
    private static let builds = [
        BrokenBuild(
            Break("noFenceCompare", "lostSaves"),
            Break("lostProjection", "boardMismatches", words: "Redis does not show it"),
            faults: "--duration 5s --crash-every 3s --freeze-every 3s"),
        BrokenBuild(
            Break("receiptApart", "duplicateOperations"),
            Break("earlyAcknowledgement", "lostSaves"),
            Break("lostScore", "boardMismatches", words: "were acknowledged"),
            faults: "--duration 4s --crash-every 2s"),
        BrokenBuild(
            Break("tokenRestart", "staleWritesAccepted"),
            Break("doubledScore", "boardMismatches", words: "the store counts"),
            faults: "--duration 4s --no-crash --flush-every 2s"),
        BrokenBuild(
            Break("releaseWithoutNonce", "staleWritesAccepted"),
            Break("scoreApart", "boardMismatches", words: "the document has"),
            Break("partsApart", "tornWorlds"),
            Break("decisionApart", "halfTrades"),
            Break("emptyCancel", "duplicateOperations", words: "was said to be cancelled"),
            Break("lostAnnouncement", nil, words: "never heard announcement"),
            faults: "--duration 5s --no-crash"),
    ]

    @Test("a build broken on purpose is found out, by the rules that it breaks", arguments: builds)
    func broken(_ build: BrokenBuild) async throws {
        var hidden = build.breaks
        // A fault must meet each break within seconds; a break that none met is tried again.
        for seed in 1...6 where !hidden.isEmpty {
            let temporary = try TemporaryFolder()
            let sabotage = hidden.map(\.sabotage).joined(separator: ",")
            let outcome = try await demo(
                ["--seed", "\(seed)", "--sabotage", sabotage] + build.faults + Self.times, temporary: temporary)
            let verification = try verification(outcome)
            guard verification["ok"] as? Bool == false else { continue }
            #expect(outcome.status == 1, "\(outcome.errors)")

            // The run is kept, and judged the same way again.
            let kept = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
            let folder = try #require(kept.first { $0.hasPrefix("holdfast-demo") })
            let again = try await Tool(folder: temporary).run(
                "verify", "--json", "--journals", "\(temporary.path)/\(folder)/journals")
            #expect(again.status == 1)
            let counters = try self.verification(again).compactMapValues { $0 as? Int }
            #expect(counters.count > 7 && counters == verification.compactMapValues { $0 as? Int })
            let newest = try await Tool(environment: ["TMPDIR": temporary.path], folder: temporary).run("verify")
            #expect(newest.status == 1)
            try hidden.removeAll { each in
                let counted = try each.counter.map { try #require(verification[$0] as? Int) > 0 } ?? true
                return counted && newest.output.contains(each.words)
            }
        }
        #expect(hidden.isEmpty, "not found: \(hidden.map(\.sabotage))")
    }

    @Test("verify alone judges the run that ended last, and never one that still plays")
    func newestKept() throws {
        let temporary = try TemporaryFolder()
        #expect(RunFolder.newestKept(in: temporary.path) == nil)
        for (name, ended) in [("a", "2026-05-04T12:00:00.000Z"), ("b", "2026-05-04T12:00:01.000Z"), ("c", nil)] {
            let folder = temporary.file("holdfast-demo-\(name)/journals")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let run = RunFile(
                deployment: "demo", collection: "demo", store: "sqlite:x", seed: 1,
                startedAt: "2026-05-04T11:00:00.000Z",
                endedAt: ended)
            try run.write(folder: folder)
        }
        try FileManager.default.createDirectory(
            atPath: temporary.file("holdfast-demo-d"), withIntermediateDirectories: true)
        #expect(RunFolder.newestKept(in: temporary.path)?.path == temporary.file("holdfast-demo-b"))
    }

    @Test("verify without a kept run says so and how to name one")
    func nothingKept() async throws {
        let temporary = try TemporaryFolder()
        let tool = try Tool(environment: ["TMPDIR": temporary.path], folder: temporary)
        let run = try await tool.run("verify", "--json")
        #expect(run.status == 66)
        #expect(try run.errorCode() == "notFound")
        #expect(run.errors.contains(temporary.path) && run.errors.contains("--journals"), "\(run.errors)")
    }

    @Test("an interrupted fleet drains, is verified and ends with 130")
    func interrupted() async throws {
        let temporary = try TemporaryFolder()
        let tool = try Tool(environment: Self.environment(temporary))
        let scratch = try TemporaryFolder()
        let child = try tool.start(
            ["demo", "--json", "--servers", "2", "--players", "20", "--duration", "60s"] + Self.times, in: scratch)
        func errors() -> String { (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? "" }
        try await eventually("the fleet plays") { errors().contains("playing 0:") }
        child.signal(SIGINT)
        try await eventually("the demo ends", within: .seconds(180)) { !child.isRunning }
        #expect(child.stop() == 130, "\(errors())")
        let output = try String(contentsOfFile: scratch.file("out"), encoding: .utf8)
        #expect(output.contains("\"ok\":true"))
    }

    @Test("no server outlives a demo that was killed, not even a frozen one")
    func orphans() async throws {
        let temporary = try TemporaryFolder()
        let tool = try Tool(environment: Self.environment(temporary))
        let scratch = try TemporaryFolder()
        let child = try tool.start(
            ["demo", "--servers", "3", "--players", "20", "--duration", "60s", "--no-crash", "--freeze-every", "1s"]
                + Self.times, in: scratch)
        func errors() -> String { (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? "" }
        // Not every second has its line.
        try await eventually("a server is frozen") {
            errors().split(separator: "\n").contains { $0.contains(" freezes") && !$0.contains(" 0 freezes") }
        }
        let servers = Self.processes(naming: temporary.path)
        #expect(servers.count >= 3)
        child.signal(SIGKILL)
        try await eventually("every process of the fleet has ended") {
            Self.processes(naming: temporary.path).isEmpty
        }
    }

    private static let refusedSettings: [([String], Int32)] = [
        (["--servers", "0"], 64), (["--players", "0"], 64), (["--duration", "soon"], 64),
        (["--crash-every", "1s", "--no-crash"], 64), (["--servers", "1", "--freeze-every", "5s"], 64),
        (["--renew", "2s"], 64), (["--store", "memory:"], 78), (["--sabotage", "rain"], 64),
        (["--store", "sqlite:/nowhere/at/all.sqlite"], 73),
    ]

    @Test("wrong settings are refused before anything starts", arguments: refusedSettings)
    func refusals(arguments: [String], status: Int32) async throws {
        let temporary = try TemporaryFolder()
        let tool = try Tool(environment: ["HOLDFAST_DATA_DIR": temporary.file("data"), "TMPDIR": temporary.path])
        let outcome = try await tool.run(["demo", "--duration", "2s"] + arguments)
        #expect(
            outcome.status == status || (status == 73 && [69, 73, 77].contains(outcome.status)), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(
            try !FileManager.default.contentsOfDirectory(atPath: temporary.path).contains {
                $0.hasPrefix("holdfast-demo")
            })
    }

    /// Process ids whose command line names a path.
    private static func processes(naming path: String) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            return String(decoding: bytes, as: UTF8.self).contains(path)
        }
    }
}
