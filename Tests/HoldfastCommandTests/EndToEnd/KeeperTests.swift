import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct KeeperTests {
    /// A verb that uses the embedded Redis until it is ended: an import that waits for its input.
    private final class User {
        let child: ChildProcess
        let scratch: TemporaryFolder
        private let tool: Tool
        private let name: String
        private let input: Int32

        init(_ tool: Tool, _ name: String = "one") throws {
            self.tool = tool
            self.name = name
            scratch = try TemporaryFolder()
            guard mkfifo(scratch.file("in"), 0o600) == 0 else { throw TestServerError("no fifo") }
            input = open(scratch.file("in"), O_RDWR | O_CLOEXEC)
            child = try tool.start(["profile", "import", "c", "-"], in: scratch)
        }

        /// Waits until it uses Redis.
        func waitUntilBusy() async throws {
            _ = "{\"key\":\"\(name)\",\"data\":{}}\n".withCString { write(input, $0, strlen($0)) }
            try await eventually("\(name) works") {
                #expect(child.isRunning)
                return try await tool.run("profile", "get", "c", name).status == 0
            }
        }

        deinit { close(input) }

        func end() {
            child.stop(signal: SIGKILL)
        }
    }

    /// The pid of the Redis of a data folder; nil when none runs.
    private func redis(_ tool: Tool) -> pid_t? {
        let path = "\(tool.dataFolder)/redis/redis.pid"
        guard RedisProbe.answers(socket: "\(tool.dataFolder)/redis/redis.sock"),
            let text = try? String(contentsOfFile: path, encoding: .utf8)
        else { return nil }
        return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Whether the Redis of a data folder has ended; slow is not ended.
    private func hasEnded(_ tool: Tool) -> Bool {
        guard let text = try? String(contentsOfFile: "\(tool.dataFolder)/redis/redis.pid", encoding: .utf8),
            let process = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return true }
        return !isAlive(process)
    }

    private func parent(of process: pid_t) throws -> pid_t {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("PPid:") })
        return try #require(pid_t(line.dropFirst(5).trimmingCharacters(in: .whitespaces)))
    }

    /// Waits for the Redis of a data folder.
    private func running(_ tool: Tool) async throws -> pid_t {
        var process: pid_t?
        try await eventually("Redis runs") {
            process = redis(tool)
            return process != nil
        }
        return try #require(process)
    }

    /// A process that nobody collects stays in the table, but has ended.
    private func isAlive(_ process: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? "State:\tZ"
        return !status.contains("State:\tZ")
    }

    @Test("a Redis that is killed comes back with its data, for users that go on")
    func redisKilled() async throws {
        let tool = try Tool()
        let user = try User(tool)
        defer { user.end() }
        // Redis runs before the user has created the store and told Redis whose it is.
        try await eventually("both sides have the deployment") {
            try await tool.run("doctor", "--json").status == 0
        }
        let first = try await running(tool)
        kill(first, SIGKILL)
        try await eventually("another Redis runs") { redis(tool).map { $0 != first } ?? false }
        #expect(user.child.isRunning)
        var said = ""
        try await eventually("doctor is content: \(said)") {
            let doctor = try await tool.run("doctor", "--json")
            said = doctor.output
            return doctor.status == 0
        }
    }

    @Test("a keeper that is killed takes its Redis along, and a user starts another")
    func keeperKilled() async throws {
        let tool = try Tool()
        let user = try User(tool)
        defer { user.end() }
        try await user.waitUntilBusy()
        let first = try await running(tool)
        let keeper = try parent(of: first)
        #expect(keeper != user.child.pid)
        kill(keeper, SIGKILL)
        try await eventually("the first Redis is gone") { !isAlive(first) }
        try await eventually("another Redis runs") { redis(tool).map { $0 != first } ?? false }
        #expect(user.child.isRunning)
    }

    @Test("a user that is killed harms no other, and Redis ends soon after the last")
    func usersKilled() async throws {
        let tool = try Tool()
        let one = try User(tool, "one")
        let two = try User(tool, "two")
        defer { two.end() }
        try await one.waitUntilBusy()
        try await two.waitUntilBusy()
        let process = try await running(tool)
        one.end()
        // Longer than the keeper lingers.
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(1) {
            #expect(isAlive(process))
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try await running(tool) == process)
        let keeper = try parent(of: process)
        two.end()
        try await eventually("Redis and keeper have ended") {
            !isAlive(process) && !isAlive(keeper)
        }
    }

    @Test("Redis ends when its folder is removed")
    func folderRemoved() async throws {
        let tool = try Tool()
        let user = try User(tool)
        defer { user.end() }
        try await user.waitUntilBusy()
        let process = try await running(tool)
        // Redis removes files of its own meanwhile, which fails a single try.
        try await eventually("the folder is gone") {
            try? FileManager.default.removeItem(atPath: tool.dataFolder)
            return !FileManager.default.fileExists(atPath: tool.dataFolder)
        }
        try await eventually("Redis has ended") { !isAlive(process) }
    }

    @Test("many users that start at once share one Redis")
    func together() async throws {
        let tool = try Tool()
        try await withThrowingTaskGroup(of: Int32.self) { group in
            for index in 0..<6 {
                group.addTask {
                    try await tool.run("profile", "put", "c", "\(index)", "-", input: "{\"n\":\(index)}").status
                }
            }
            for try await status in group { #expect(status == 0) }
        }
        #expect(try await tool.run("profile", "export", "c").lines.count == 6)
    }

    @Test("a data folder with a path too long for a socket works")
    func longPath() async throws {
        let base = try Tool()
        let long = base.folder.file(String(repeating: "long-", count: 30))
        let tool = try Tool(environment: ["HOLDFAST_DATA_DIR": long], folder: base.folder)
        let run = try await tool.run("profile", "put", "c", "k", "-", input: "{}")
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test("a damaged append-only file does not keep Redis from starting")
    func damaged() async throws {
        let tool = try Tool()
        #expect(try await tool.run("profile", "put", "c", "k", "-", input: "{}").status == 0)
        try await eventually("Redis has ended") { hasEnded(tool) }
        let folder = "\(tool.dataFolder)/redis/appendonlydir"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix("manifest") {
            try Data("*nonsense\r\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        let run = try await tool.run("profile", "put", "c", "k", "-", input: #"{"again":true}"#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try await tool.run("profile", "get", "c", "k").output == "{\"again\":true}\n")
    }

    @Test("the data folder is closed to others")
    func mode() async throws {
        let tool = try Tool()
        #expect(try await tool.run("migrate").status == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: tool.dataFolder)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(attributes[.type] as? FileAttributeType == .typeDirectory)
    }
}
