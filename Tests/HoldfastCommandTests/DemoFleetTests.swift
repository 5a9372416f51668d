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

    private func demo(_ arguments: [String], temporary: TemporaryFolder) async throws -> Tool.Outcome {
        let tool = try Tool(environment: ["HOLDFAST_DATA_DIR": "", "TMPDIR": temporary.path])
        return try await tool.run(
            ["demo", "--json", "--servers", "3", "--players", "40"] + arguments, patience: .seconds(90))
    }

    private func verification(_ outcome: Tool.Outcome) throws -> [String: Any] {
        try #require(try outcome.json()["verification"] as? [String: Any])
    }

    @Test("a sound fleet with crashes and freezes is verified and leaves nothing behind")
    func sound() async throws {
        let temporary = try TemporaryFolder()
        let outcome = try await demo(
            ["--duration", "8s", "--seed", "1", "--crash-every", "3s", "--freeze-every", "4s"] + Self.times,
            temporary: temporary)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try outcome.json()
        #expect(try verification(outcome)["ok"] as? Bool == true)
        #expect(try verification(outcome)["boardMismatches"] as? Int == 0)
        #expect((json["scores"] as? Int ?? 0) > 50 && (json["announcements"] as? Int ?? 0) > 5)
        for field in [
            "servers", "players", "seconds", "joins", "edits", "saves", "hops", "trades", "operationsDelivered",
            "operationsApplied", "operationsWhileAway", "crashes", "freezes", "announcements", "scores",
            "staleWritesRefused", "ambiguousSaves",
        ] {
            #expect(json[field] is Int || json[field] is Double, "\(field)")
        }
        for field in ["handoverMillis", "takeoverMillis", "joinMillis", "saveMillis"] {
            #expect((json[field] as? [String: Any])?.count == 3, "\(field)")
        }
        #expect(outcome.lines.count == 1)
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        #expect(!left.contains { $0.hasPrefix("holdfast-demo") })
    }

    @Test("on PostgreSQL, scores and announcements outlive a Redis that is killed and comes back empty")
    func redisKilled() async throws {
        let temporary = try TemporaryFolder()
        let (postgres, redis) = (try await PrivatePostgres.start(), try await RedisProcess.start())
        let tool = try Tool(environment: ["HOLDFAST_DATA_DIR": "", "TMPDIR": temporary.path])
        let scratch = try TemporaryFolder()
        let run = ["--servers", "3", "--players", "40", "--duration", "8s", "--seed", "1", "--crash-every", "3s"]
        let sides = ["--store", postgres.url(), "--redis", "redis+unix://\(redis.socketPath)"]
        let child = try tool.start(["demo", "--json"] + run + sides + Self.times, in: scratch)
        func errors() -> String { (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? "" }
        try await eventually("the fleet has played a little", within: .seconds(30)) {
            // Not every second has its line.
            (2...7).contains { errors().contains("playing 0:0\($0)") }
        }
        redis.kill()
        try await redis.restart()
        try await eventually("the demo ends", within: .seconds(60)) { !child.isRunning }
        #expect(child.stop() == 0, "\(errors())")
        let output = try String(contentsOfFile: scratch.file("out"), encoding: .utf8)
        #expect(output.contains("\"boardMismatches\":0,\"ok\":true"), "\(output)")
    }

    @Test(
        "a build broken on purpose is found out",
        arguments: [
            ("noFenceCompare", ["--crash-every", "3s", "--freeze-every", "3s"]),
            ("releaseWithoutNonce", ["--no-crash"]),
            ("receiptApart", ["--crash-every", "2s"]),
            ("earlyAcknowledgement", ["--crash-every", "2s"]),
            ("tokenRestart", ["--no-crash", "--flush-every", "2s"]),
            ("lostProjection", ["--no-crash"]),
            ("lostScore", ["--no-crash"]),
            ("doubledScore", ["--no-crash"]),
            ("scoreApart", ["--no-crash"]),
            ("lostAnnouncement", ["--no-crash"]),
        ])
    func broken(sabotage: String, faults: [String]) async throws {
        let temporary = try TemporaryFolder()
        var outcome = try await broken(sabotage, faults, seed: 1, temporary: temporary)
        // A fault must meet the break within six seconds; a run in which none did proves nothing.
        for seed in 2...4 where outcome.status == 0 {
            outcome = try await broken(sabotage, faults, seed: seed, temporary: temporary)
        }
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(try verification(outcome)["ok"] as? Bool == false, "\(outcome.output) \(outcome.errors)")

        // The run is kept, and judged the same way again.
        let kept = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        let folder = try #require(kept.first { $0.hasPrefix("holdfast-demo") })
        let again = try await Tool(folder: temporary).run(
            "verify", "--json", "--journals", "\(temporary.path)/\(folder)/journals")
        #expect(again.status == 1)
        #expect(try verification(again)["ok"] as? Bool == false)
        let newest = try await Tool(environment: ["TMPDIR": temporary.path], folder: temporary).run("verify", "--json")
        #expect(newest.status == 1)
        #expect(try newest.json()["verification"] != nil)
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

    private func broken(
        _ sabotage: String, _ faults: [String], seed: Int, temporary: TemporaryFolder
    ) async throws -> Tool.Outcome {
        let run = ["--duration", "6s", "--seed", "\(seed)", "--sabotage", sabotage]
        return try await demo(run + faults + Self.times, temporary: temporary)
    }

    @Test("an interrupted fleet drains, is verified and ends with 130")
    func interrupted() async throws {
        let temporary = try TemporaryFolder()
        let tool = try Tool(environment: ["HOLDFAST_DATA_DIR": "", "TMPDIR": temporary.path])
        let scratch = try TemporaryFolder()
        let child = try tool.start(
            ["demo", "--json", "--servers", "2", "--players", "20", "--duration", "60s"] + Self.times, in: scratch)
        func errors() -> String { (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? "" }
        try await eventually("the fleet plays", within: .seconds(30)) { errors().contains("playing 0:0") }
        child.signal(SIGINT)
        try await eventually("the demo ends", within: .seconds(60)) { !child.isRunning }
        #expect(child.stop() == 130, "\(errors())")
        let output = try String(contentsOfFile: scratch.file("out"), encoding: .utf8)
        #expect(output.contains("\"ok\":true"))
    }

    @Test("no server outlives a demo that was killed, not even a frozen one")
    func orphans() async throws {
        let temporary = try TemporaryFolder()
        let tool = try Tool(environment: ["HOLDFAST_DATA_DIR": "", "TMPDIR": temporary.path])
        let scratch = try TemporaryFolder()
        let child = try tool.start(
            ["demo", "--servers", "3", "--players", "20", "--duration", "60s", "--no-crash", "--freeze-every", "1s"]
                + Self.times, in: scratch)
        func errors() -> String { (try? String(contentsOfFile: scratch.file("err"), encoding: .utf8)) ?? "" }
        try await eventually("a server is frozen", within: .seconds(30)) { errors().contains(" 1 freezes") }
        let servers = Self.processes(naming: temporary.path)
        #expect(servers.count >= 3)
        child.signal(SIGKILL)
        try await eventually("every process of the fleet has ended", within: .seconds(40)) {
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
