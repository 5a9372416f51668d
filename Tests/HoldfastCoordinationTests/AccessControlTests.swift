import Foundation
import HoldfastScripts
import TestServers
import Testing

@Suite("The users of Deploy/redis/users.acl")
struct AccessControlTests {
    private static let root = URL(fileURLWithPath: AccessControl.deployFolder)
        .deletingLastPathComponent().deletingLastPathComponent()
    /// Written in other forms than a list of words.
    private static let writtenOut: Set<String> = ["asking", "eval", "evalsha", "subscribe", "unsubscribe"]
    /// What only operators need.
    private static let operatorsOnly: Set<String> = ["scan"]
    private static let containers: Set<String> = ["client", "cluster", "config", "script", "acl"]

    private func texts(_ folder: String, _ suffix: String, without excluded: [String] = []) throws -> [String] {
        let folder = Self.root.appendingPathComponent(folder)
        var texts: [String] = []
        for case let path as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
        where path.hasSuffix(suffix) && !excluded.contains(where: { path.hasPrefix($0) }) {
            texts.append(try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8))
        }
        return texts
    }

    /// Every command in `Lua/` and in the sources, in lower case, with its subcommand where it is a container.
    private func used() async throws -> Set<String> {
        var used = Self.writtenOut
        let known = Set(
            try await PrivateRedis.start().command("COMMAND", "LIST").split(separator: "\n").map(String.init))
        for text in try texts("Lua", ".lua", without: ["bench"]) {
            // redis.call('GET', …), but also call(descending and 'ZREVRANK' or 'ZRANK', …).
            for match in text.matches(of: /["']([A-Za-z]+)["']/) where match.1 == match.1.uppercased() {
                let name = match.1.lowercased()
                if known.contains(name) { used.insert(name) }
            }
        }
        for folder in ["HoldfastRedis", "HoldfastCoordination", "HoldfastMemoryStore", "HoldfastCommand/Verbs"] {
            for text in try texts("Sources/\(folder)", ".swift") {
                // ["GET", …]: a command's words.
                for match in text.matches(of: /\[\s*"([A-Z]+)"(?:,\s*"([A-Za-z-]+)")?/) where match.1 != "SENTINEL" {
                    let name = match.1.lowercased()
                    guard Self.containers.contains(name) else {
                        used.insert(name)
                        continue
                    }
                    used.insert("\(name)|\(match.2.map { $0.lowercased() } ?? "")")
                }
            }
        }
        // Whoever cannot log in is refused by Redis itself.
        return used.subtracting(["auth"])
    }

    private func granted(_ user: String) throws -> Set<String> {
        let lines = try String(contentsOfFile: AccessControl.deployFile, encoding: .utf8).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("user \(user) ") })
        return Set(line.split(separator: " ").filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) })
    }

    @Test("holdfast may do exactly what the scripts and the sources do, and its operator a little more")
    func exact() async throws {
        let used = try await used()
        #expect(used.count > 20)
        for (user, wanted) in [("holdfast", used.subtracting(Self.operatorsOnly)), ("holdfast-operator", used)] {
            let granted = try granted(user)
            for word in wanted.subtracting(granted).sorted() {
                Issue.record("\(word) is used, but not granted: add +\(word) for \(user) in Deploy/redis/users.acl")
            }
            for word in granted.subtracting(wanted).sorted() {
                Issue.record("\(word) is granted, but not used: take +\(word) from \(user) in Deploy/redis/users.acl")
            }
        }
    }

    @Test("what scripts have written comes back from the append-only file")
    func appendOnlyFile() async throws {
        var options = PrivateRedis.Options()
        options.accessControl = true
        options.appendOnly = true
        let redis = try await PrivateRedis.start(options)
        // Two commands of one script are one transaction in the file, and checked once more when it is read.
        try await withRedisBackend(redis) { _, client in
            let script = Script(
                name: "two",
                source: "#!lua\nredis.call('HSET', KEYS[1], 'f', 1)\nredis.call('RPUSH', KEYS[2], 1)\nreturn {1}")
            _ = try await client.evaluate(
                script, keys: ["hf1:{t}1", "hf1:{t}2"].map { Array($0.utf8) }, arguments: [])
        }
        try await redis.restart()
        #expect(try redis.command("EXISTS", "hf1:{t}1", "hf1:{t}2") == "2")
    }

    @Test("a refusal that no test has asked about fails the test that the server ends in")
    func watched() async throws {
        var options = PrivateRedis.Options()
        options.accessControl = true
        let redis = try await PrivateRedis.start(options)
        let login = try #require(redis.clientLogin)
        _ = try ChildProcess.output(
            of: "redis-cli", ["-s", redis.socketPath] + login.arguments + ["SET", "other", "1"])
        withKnownIssue { redis.stop() }
    }

    @Test("other keys, channels and commands are refused, and named in plain words")
    func refused() async throws {
        var options = PrivateRedis.Options()
        options.accessControl = true
        let redis = try await PrivateRedis.start(options)
        let login = try #require(redis.clientLogin)
        func tryOut(_ words: String...) throws -> String {
            let prefix = ["-s", redis.socketPath, "--user", login.user, "-a", login.password, "--no-auth-warning"]
            return try ChildProcess.output(of: "redis-cli", prefix + words)
        }
        #expect(try tryOut("SET", "hf1:a", "1").hasPrefix("OK"))
        #expect(try redis.refusals() == [])
        #expect(try tryOut("SET", "other", "1").hasPrefix("NOPERM"))
        #expect(try tryOut("FLUSHALL").hasPrefix("NOPERM"))
        #expect(try tryOut("CONFIG", "GET", "*").hasPrefix("NOPERM"))
        #expect(try tryOut("SUBSCRIBE", "news").hasPrefix("NOPERM"))
        _ = try tryOut("EVAL", "return redis.call('KEYS', '*')", "0")
        let refusals = try redis.refusals()
        #expect(refusals.contains { $0.contains("may not run flushall (outside scripts)") })
        #expect(refusals.contains { $0.contains("may not run keys (in a script); if it has to, add +keys") })
        #expect(refusals.contains { $0.contains("may not touch the key other") })
        #expect(refusals.contains { $0.contains("may not use the channel news") })
        // Nobody without a name.
        let answer = try ChildProcess.output(of: "redis-cli", ["-s", redis.socketPath, "PING"])
        #expect(answer.hasPrefix("NOAUTH"))
    }
}
