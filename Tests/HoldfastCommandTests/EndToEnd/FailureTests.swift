import Foundation
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct FailureTests {
    @Test("a Redis that refuses is one line, its code and an exit within seconds")
    func refused() async throws {
        let tool = try Tool()
        #expect(try await tool.run("migrate").status == 0)
        let port = try LoopbackPort.free()
        let address = "redis://127.0.0.1:\(port)"
        let verbs = [["server", "list"], ["profile", "put", "p", "k", "-"], ["session", "list"], ["status"]]
        try await severalAtATime(verbs) { verb in
            let run = try await tool.run(verb + ["--redis", address, "--timeout", "10s", "--json"], input: "{}")
            #expect(run.status == 69, "\(verb) \(run.errors)")
            #expect(try run.errorCode() == "unavailable", "\(verb)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            #expect(run.took < .seconds(30), "\(verb)")
        }
    }

    @Test("a Redis that accepts and never answers is left within seconds")
    func silent() async throws {
        let folder = try TemporaryFolder()
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.file("s").utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        #expect(bound == 0 && listen(listener, 8) == 0)
        let run = try await Tool().run(
            "migrate", "--redis", "redis+unix://\(folder.file("s"))", "--timeout", "10s", "--json")
        #expect(run.status == 69)
        #expect(run.took < .seconds(30))
    }

    @Test("a Redis that demands a password is access refused, and with the password it works")
    func password() async throws {
        var options = PrivateRedis.Options()
        options.password = "opensesame"
        options.clusterMode = false
        let redis = try await PrivateRedis.start(options)
        let tool = try Tool()
        let address = "redis+unix://\(redis.socketPath)"
        #expect(try await tool.run("migrate", "--redis", address, "--json").status == 77)
        let known = try Tool(environment: ["HOLDFAST_REDIS_PASSWORD": "opensesame"])
        #expect(try await known.run("migrate", "--redis", address).status == 0)
        let shown = try await known.run("config", "show", "--json")
        #expect(!shown.output.contains("opensesame"))
        #expect(shown.output.contains("redisPassword"))
    }

    @Test("a store that refuses is one line and its code")
    func storeRefused() async throws {
        let port = try LoopbackPort.free()
        let run = try await Tool().run(
            "profile", "get", "p", "k", "--store", "postgres://x@127.0.0.1:\(port)/x", "--timeout", "10s", "--json")
        #expect(run.status == 69)
        #expect(try run.errorCode() == "unavailable")
    }

    @Test("a store or Redis of another deployment is refused, and a store that was never migrated names migrate")
    func wrongDeployment() async throws {
        let redis = try await ToolRedis.start()
        let tool = try Tool(environment: redis.environment)
        func arguments(_ store: String) -> [String] {
            ["--redis", redis.address, "--store", "sqlite:\(tool.folder.file(store))", "--json"]
        }
        let missing = try await tool.run(["profile", "put", "p", "k", "-"] + arguments("a"), input: "{}")
        #expect(missing.status == 78)
        #expect(missing.errors.contains("holdfast migrate"))
        #expect(try await tool.run(["profile", "list", "p"] + arguments("a")).status == 78)
        #expect(try await tool.run(["migrate"] + arguments("a")).status == 0)
        #expect(try await tool.run(["profile", "list", "p"] + arguments("a")).status == 0)

        #expect(try await tool.run(["profile", "put", "p", "k", "-"] + arguments("b"), input: "{}").status == 78)
        for verb in [["migrate"], ["server", "list"]] {
            let other = try await tool.run(verb + arguments("b"))
            #expect(other.status == 78)
            #expect(try other.errorCode() == "wrongDeployment")
        }
        let times = try await tool.run(["profile", "list", "p", "--lease", "31s"] + arguments("a"))
        #expect(times.status == 78)
    }

    @Test("a data folder that cannot be made is one line and no success", arguments: ["/dev/null/x", "/proc/nowhere"])
    func dataFolder(path: String) async throws {
        for verb in [["migrate"], ["profile", "put", "p", "k", "-"]] {
            let run = try await Tool().run(verb + ["--data-dir", path, "--json"], input: "{}")
            #expect(run.status == 73 || run.status == 77)
            #expect(run.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("a file that is no SQLite database is left as it is")
    func notSQLite() async throws {
        let tool = try Tool()
        let path = tool.folder.file("x.sqlite")
        let bytes = Data(repeating: 0x41, count: 10_000)
        try bytes.write(to: URL(fileURLWithPath: path))
        let run = try await tool.run("profile", "list", "p", "--store", "sqlite:\(path)", "--json")
        #expect(run.status == 65)
        #expect(try run.errorCode() == "corrupt")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test("wrong usage is exit 64, one line and one document")
    func usage() async throws {
        let wrong = [
            ["nonsense"], ["profile", "get", "p"], ["profile", "list", "p", "--limit", "0"],
            ["status", "--lease", "soon"],
            ["profile", "list", "p", "--after", "%zz"], ["version", "--nonsense"],
            ["server", "drain", "x", "--wait", "x"],
        ]
        try await severalAtATime(wrong) { arguments in
            let run = try await Tool().run(arguments + ["--json"])
            #expect(run.status == 64, "\(arguments): \(run.errors)")
            #expect(try run.errorCode() == "usage", "\(arguments)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(arguments): \(run.errors)")
        }
    }

    @Test(
        "a verb that does not exist is named, whatever follows it",
        arguments: [
            (["nosuchverb"], "no verb nosuchverb"), (["profile", "nosuchverb"], "no verb nosuchverb in profile"),
            (["--nonsense", "status"], "the verb is missing; flags such as --nonsense follow it"),
            (["profile"], "the verb in profile is missing"),
        ])
    func unknownVerb(arguments: [String], said: String) async throws {
        let run = try await Tool().run(arguments + ["--json"])
        #expect(run.status == 64)
        #expect(try run.errorCode() == "usage")
        #expect(run.errors.contains(said) && !run.errors.contains("Unknown option"), "\(run.errors)")
    }

    @Test(
        "a bad name or key is bad input",
        arguments: [["a b", "k"], ["p", ""], ["p", String(repeating: "k", count: 257)], ["", "k"]])
    func badNames(arguments: [String]) async throws {
        let run = try await Tool().run(["profile", "get"] + arguments + ["--json"])
        #expect(run.status == 65)
        #expect(try run.errorCode() == "badInput")
    }

    @Test("an argument that is not UTF-8 is wrong usage, never another key")
    func notUTF8() async throws {
        let tool = try Tool()
        let script = #"exec "$0" profile get p "$(printf 'k\377')" --json >out 2>err"#
        let child = try ChildProcess(
            "/bin/sh", ["-c", script, try Tool.executable], environment: ["HOLDFAST_DATA_DIR": tool.dataFolder],
            folder: tool.folder.path, logPath: tool.folder.file("log"))
        try await eventually("the verb ends") { !child.isRunning }
        #expect(child.stop() == 64)
        #expect(try String(contentsOfFile: tool.folder.file("out"), encoding: .utf8).contains(#""code":"usage""#))
    }

    @Test("a verb that is interrupted exits with 130, one line, and a word of the list", arguments: [SIGINT, SIGTERM])
    func interrupted(number: Int32) async throws {
        let tool = try Tool()
        let scratch = try TemporaryFolder()
        guard mkfifo(scratch.file("in"), 0o600) == 0 else { throw TestServerError("no fifo") }
        let child = try tool.start(["profile", "put", "c", "k", "-", "--json"], in: scratch)
        let pipe = open(scratch.file("in"), O_RDWR)
        defer { close(pipe) }
        try await eventually("it catches signals") {
            let status = try String(contentsOfFile: "/proc/\(child.pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") } ?? ""
            let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) ?? 0
            // The shell that starts it may catch signals of its own.
            return status.hasPrefix("Name:\tholdfast\n") && mask & (1 << UInt64(number - 1)) != 0
        }
        child.signal(number)
        try await eventually("it ends") { !child.isRunning }
        #expect(child.stop() == 130)
        let output = try String(contentsOfFile: scratch.file("out"), encoding: .utf8)
        #expect(output.split(separator: "\n").count == 1)
        #expect(output.contains(#""code":"outcomeUnknown""#), "\(output)")
        let errors = try String(contentsOfFile: scratch.file("err"), encoding: .utf8)
        #expect(errors.split(separator: "\n").count == 1 && errors.contains("interrupted"), "\(errors)")
    }

    @Test("a mistyped deployment is refused by a private store that has one already")
    func mistypedDeployment() async throws {
        let tool = try Tool()
        #expect(try await tool.run("profile", "put", "p", "k", "-", input: "{}").status == 0)
        for _ in 1...2 {
            let run = try await tool.run("profile", "list", "p", "--deployment", "other", "--json")
            #expect(run.status == 78)
            #expect(try run.errorCode() == "wrongDeployment")
        }
        #expect(try await tool.run("migrate", "--deployment", "other").status == 0)
        #expect(try await tool.run("profile", "list", "p", "--deployment", "other").status == 0)
    }

    @Test("migrate writes nothing into the store while Redis refuses or belongs to another")
    func migrateLooksFirst() async throws {
        let refused = ["--redis", "redis://127.0.0.1:\(try LoopbackPort.free())", "--timeout", "10s"]
        let redis = try await ToolRedis.start()
        let tool = try Tool(environment: redis.environment)
        let taken = ["--redis", redis.address]
        let store = ["--store", "sqlite:\(tool.folder.file("a"))"]
        let other = ["--store", "sqlite:\(tool.folder.file("b"))"]
        #expect(try await tool.run(["migrate"] + refused + store).status == 69)
        #expect(try await tool.run(["profile", "put", "p", "k", "-"] + taken + store, input: "{}").status == 78)
        #expect(try await tool.run(["migrate"] + taken + other).status == 0)
        #expect(try await tool.run(["migrate"] + taken + store).status == 78)
        #expect(try await tool.run(["profile", "list", "p"] + taken + store).status == 78)
    }

    @Test("a verb that only looks finds no store, says what to do, and leaves nothing behind")
    func looking() async throws {
        let verbs = [
            ["status"], ["server", "list"], ["server", "drain", "x"], ["collection", "list"], ["session", "list"],
            ["profile", "list", "p"], ["profile", "get", "p", "k"], ["profile", "export", "p"],
            ["profile", "lease", "p", "k"], ["profile", "unlock", "p", "k", "--token", "1", "--yes"],
            ["profile", "delete", "p", "k", "--yes"],
        ]
        try await severalAtATime(verbs) { verb in
            let tool = try Tool()
            let run = try await tool.run(verb + ["--json"])
            #expect(run.status == 66, "\(verb)")
            #expect(try run.errorCode() == "notFound", "\(verb)")
            #expect(run.errors.contains("holdfast migrate"), "\(verb)")
            #expect(!FileManager.default.fileExists(atPath: tool.dataFolder), "\(verb)")

            let folder = try TemporaryFolder()
            let named = try await tool.run(verb + ["--store", "sqlite:\(folder.file("x"))", "--json"])
            #expect(named.status == 66, "\(verb)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty, "\(verb)")
            let nowhere = try await tool.run(verb + ["--data-dir", "/proc/nowhere", "--json"])
            #expect(nowhere.status == 66, "\(verb)")
        }
    }

    @Test("doctor on a folder that nothing has used yet says what to do, and then finds nothing wrong")
    func doctorFirst() async throws {
        let tool = try Tool()
        for _ in 1...2 {
            let run = try await tool.run("doctor", "--json")
            #expect(run.status == 1)
            let checks = try #require(try run.json()["checks"] as? [[String: Any]])
            #expect(checks.map { $0["name"] as? String } == ["redis.reachable", "store.reachable"])
            #expect(checks.allSatisfy { ($0["fix"] as? String)?.contains("run holdfast migrate") == true })
            #expect(!FileManager.default.fileExists(atPath: tool.dataFolder))
        }
        #expect(try await tool.run("migrate").status == 0)
        let run = try await tool.run("doctor", "--json")
        #expect(run.status == 0, "\(run.output)")
    }

    @Test("a store address that cannot work is wrong usage as a flag and a wrong configuration elsewhere")
    func badStoreAddress() async throws {
        let address = "postgres://x@127.0.0.1/x?nonsense=1"
        let flag = try await Tool().run("profile", "list", "p", "--store", address, "--json")
        #expect(flag.status == 64)
        #expect(try flag.errorCode() == "usage")
        #expect(try await Tool(environment: ["HOLDFAST_STORE": address]).run("profile", "list", "p").status == 78)
    }

    @Test("doctor looks at Redis even where the store cannot be opened")
    func doctorWithoutFile() async throws {
        let redis = try await ToolRedis.start()
        let run = try await Tool(environment: redis.environment).run("doctor", "--redis", redis.address, "--json")
        #expect(run.status == 1)
        #expect(run.output.contains(#""name":"redis.reachable","ok":true"#), "\(run.output)")
        #expect(run.output.contains(#""name":"store.reachable","ok":false"#), "\(run.output)")
    }

    @Test("doctor reports a store that cannot be opened as one document")
    func doctorWithoutStore() async throws {
        let tool = try Tool()
        try Data(repeating: 0x41, count: 10_000).write(to: URL(fileURLWithPath: tool.folder.file("bad")))
        for path in ["bad", "missing/x"] {
            let run = try await tool.run("doctor", "--store", "sqlite:\(tool.folder.file(path))", "--json")
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.lines.count == 1)
            #expect(try run.json()["ok"] as? Bool == false)
            #expect(run.output.contains(#""name":"store.reachable","ok":false"#))
        }
    }

    @Test("a store that hangs is one finding of doctor, and Redis is not blamed")
    func doctorWithHangingStore() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer -> UInt16 in
            let listens = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, address, &size) == 0
            }
            #expect(listens)
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        let tool = try Tool()
        #expect(try await tool.run("migrate").status == 0)
        let run = try await tool.run(
            "doctor", "--store", "postgres://x@127.0.0.1:\(port)/x", "--timeout", "10s", "--json")
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.lines.count == 1, "\(run.output)")
        #expect(run.output.contains(#""name":"redis.reachable","ok":true"#), "\(run.output)")
        #expect(run.output.contains(#""name":"store.reachable","ok":false"#), "\(run.output)")
    }

    @Test("stored metadata that is not JSON is corrupt, other metadata is printed in canonical form")
    func storedMetadata() throws {
        #expect(try StoredMetadata.checked(nil) == nil)
        #expect(try StoredMetadata.checked(Array("{ \"a\": 1.0 }".utf8)) == Array(#"{"a":1}"#.utf8))
        let error = #expect(throws: StoreError.self) { try StoredMetadata.checked(Array("{bad".utf8)) }
        #expect(error?.code == .corrupt)
    }

    @Test("a store that was never migrated has no deployment, one that is not there is an error")
    func existingDeployment() async throws {
        let store = InMemoryStore(deployment: "d")
        let none = try await Stores.existing(in: store)
        #expect(none == nil)
        let created = try await store.migrate(DeploymentTimings())
        let existing = try await Stores.existing(in: store)
        #expect(existing == created)
        let missing = FailingStore(store) { _ in .before(StoreError(.notFound, "no such database")) }
        let error = await #expect(throws: StoreError.self) { _ = try await Stores.existing(in: missing) }
        #expect(error?.code == .notFound)
    }

    @Test("memory: is refused by a verb that ends with its process")
    func memory() async throws {
        #expect(try await Tool().run("profile", "list", "p", "--store", "memory:").status == 78)
    }

    @Test("every verb has a help text with an example")
    func help() async throws {
        let verbs = [
            ["status"], ["doctor"], ["migrate"], ["config", "show"], ["version"], ["server", "list"],
            ["server", "drain"],
            ["collection", "list"], ["profile", "list"], ["profile", "get"], ["profile", "put"], ["profile", "delete"],
            ["profile", "import"], ["profile", "export"], ["profile", "lease"], ["profile", "unlock"],
            ["session", "list"],
            ["config"], ["server"], ["collection"], ["profile"], ["session"],
        ]
        try await severalAtATime(verbs) { verb in
            let run = try await Tool().run(verb + ["--help"])
            #expect(run.status == 0, "\(verb)")
            #expect(run.output.contains("Example:"), "\(verb)")
            #expect(run.errors.isEmpty, "\(verb)")
        }
    }
}
