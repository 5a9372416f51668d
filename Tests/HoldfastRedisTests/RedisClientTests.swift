import HoldfastScripts
import TestServers
import Testing

@testable import HoldfastRedis

@Suite("The client against a real server", .timeLimit(.minutes(10)))
struct RedisClientTests {
    @Test("500 tasks on one connection each get their own replies, in order")
    func pipelining() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<500 {
                    group.addTask {
                        for round in 0..<20 {
                            let text = "\(task):\(round)"
                            let echo = try await client.command(["PING", .string(text)])
                            #expect(echo.string == text)
                            let count = try await client.command(["HINCRBY", "hf1:n", .integer(Int64(task)), 1])
                            #expect(count.integer == Int64(round + 1))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(try redis.command("HGET", "hf1:n", "499") == "20")
    }

    @Test("replies of every shape arrive as values, errors inside arrays included")
    func shapes() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let stored = try await client.command(["SET", "hf1:k", .bytes([0, 13, 10, 255])])
            #expect(stored == .status("OK"))
            let read = try await client.command(["GET", "hf1:k"])
            #expect(read == .bytes([0, 13, 10, 255]))
            #expect(try await client.command(["GET", "hf1:absent"]).isNull)
            #expect(try await client.command(["BLPOP", "hf1:absent", "0.01"], lane: .blocking).isNull)
            let script = Script(
                name: "shapes",
                source: "return {1, {'a', {false, {}}}, redis.error_reply('MINE inner'), redis.status_reply('S')}")
            let reply = try await client.evaluate(script, keys: [], arguments: [])
            #expect(
                reply
                    == .array([
                        .integer(1), .array([.bytes([97]), .array([.null, .array([])])]),
                        .error(RedisServerError(text: "MINE inner")), .status("S"),
                    ]))
            let error = await client.failure(of: ["HINCRBY", "hf1:k", "f", 1])
            #expect(error?.code == .server)
            #expect(error?.serverError?.prefix == "WRONGTYPE")
        }
    }

    @Test("4 MiB values go both ways on the bulk lane while the session lane stays quick")
    func bigValues() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let value = (0..<4 * 1024 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 131) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        let key = RedisArgument.string("hf1:big:\(index)")
                        _ = try await client.command(["SET", key, .bytes(value)], lane: .bulk)
                        #expect(try await client.command(["GET", key], lane: .bulk).bytes == value)
                    }
                }
                #expect(try await client.command(["PING"]).string == "PONG")
                try await group.waitForAll()
            }
            #expect(client.server(lane: .bulk)?.runID == client.server()?.runID)
        }
    }

    @Test("cancelling one caller drops its late reply and harms no neighbour")
    func cancellation() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            try await client.waitUntilConnected()
            let generation = client.server()?.generation
            let blocked = Task { await client.failure(of: ["BLPOP", "hf1:never", "60"]) }
            try await eventually("BLPOP blocks") { try redis.command("CLIENT", "LIST").contains("cmd=blpop") }
            let neighbours = (0..<50).map { number in
                Task { try await client.command(["PING", .string("\(number)")]).string }
            }
            blocked.cancel()
            #expect(await blocked.value?.code == .outcomeUnknown)
            try redis.command("RPUSH", "hf1:never", "late")
            for (number, neighbour) in neighbours.enumerated() {
                #expect(try await neighbour.value == "\(number)")
            }
            #expect(client.server()?.generation == generation)
        }
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            try await client.waitUntilConnected()
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await client.failure(of: ["SET", "hf1:cancelled", "1"])
            }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            #expect(try await client.command(["EXISTS", "hf1:cancelled"]).integer == 0)
        }
    }

    @Test("a frozen server: what was sent is unknown, what was not is a missed deadline and never sent")
    func deadlines() async throws {
        let redis = try await PrivateRedis.startAlone()
        var configuration = redis.configuration
        configuration.maximumInFlight = 1
        try await withClient(configuration) { client in
            try await client.waitUntilConnected()
            redis.pause()
            async let first = client.failure(of: ["HINCRBY", "hf1:sent", "f", 1], timeout: .seconds(2))
            try await eventually("the first is under way") { client.inFlight(.session) == 1 }
            async let second = client.failure(of: ["HINCRBY", "hf1:unsent", "f", 1], timeout: .milliseconds(200))
            #expect(await first?.code == .outcomeUnknown)
            #expect(await second?.code == .deadline)
            redis.resume()
            #expect(try await client.command(["HGET", "hf1:sent", "f"]).string == "1")
            #expect(try await client.command(["HGET", "hf1:unsent", "f"]).isNull)
            #expect(client.server()?.generation == 1)
        }
    }

    @Test("a server that stays silent for the command timeout is connected to again")
    func silence() async throws {
        let redis = try await PrivateRedis.startAlone()
        var configuration = redis.configuration
        configuration.commandTimeout = .milliseconds(200)
        try await withClient(configuration) { client in
            try await client.waitUntilConnected()
            redis.pause()
            // A call that could not be written in time says nothing of the server.
            try await eventually("a call is not answered") {
                await client.failure(of: ["PING"])?.code == .outcomeUnknown
            }
            redis.resume()
            try await eventually("a second connection") { client.server()?.generation ?? 0 >= 2 }
            try await eventually("it works") { (try? await client.command(["PING"]))?.string == "PONG" }
        }
    }

    @Test("kill -9: what was sent is unknown, what comes later waits for the new server")
    func restart() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            try await client.waitUntilConnected()
            let before = try #require(client.server())
            let sent = Task { await client.failure(of: ["BLPOP", "hf1:never", "0"], timeout: .seconds(60)) }
            try await eventually("BLPOP blocks") { try redis.command("CLIENT", "LIST").contains("cmd=blpop") }
            redis.kill()
            #expect(await sent.value?.code == .outcomeUnknown)
            try await eventually("the loss is noticed") { client.server() == nil }
            async let later = client.command(["PING", "again"], timeout: .seconds(60))
            try await redis.restart()
            #expect(try await later.string == "again")
            let after = try #require(client.server())
            #expect(after.runID != before.runID && after.generation > before.generation)
        }
    }

    @Test("waiting for Redis outlasts the server that it began with, and ends at its own deadline")
    func waiting() async throws {
        let redis = try await PrivateRedis.startAlone()
        try await withClient(redis.configuration) { client in
            try await client.waitUntilConnected()
            redis.pause()
            let waiting = Task { try await client.waitUntilConnected(timeout: .seconds(60)) }
            try await eventually("it asks") { client.inFlight(.session) == 1 }
            redis.kill()
            try await redis.restart()
            try await waiting.value
            redis.pause()
            let error = await #expect(throws: RedisError.self) {
                try await client.waitUntilConnected(timeout: .milliseconds(50))
            }
            #expect(error?.code == .deadline)
            redis.resume()
        }
    }

    @Test("an unreachable server is a missed deadline that names it")
    func unreachable() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("none.sock")
        try await withClient(RedisConfiguration(address: .unix(path: path))) { client in
            let error = await client.failure(of: ["PING"], timeout: .seconds(1))
            #expect(error?.code == .deadline)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test("a socket path that cannot be used fails callers at once")
    func badPath() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        try await withClient(RedisConfiguration(address: .unix(path: path))) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .badInput)
        }
    }

    @Test("scripts forgotten by Redis are sent in full, once")
    func noScript() async throws {
        let redis = try await PrivateRedis.start()
        let script = Script(
            name: "count", source: "#!lua\nreturn {redis.call('HINCRBY', KEYS[1], 'f', ARGV[1]), ARGV[2]}")
        try await withClient(redis.configuration) { client in
            for round in 1...3 {
                if round == 3 { try redis.command("SCRIPT", "FLUSH") }
                let reply = try await client.evaluate(script, keys: [Array("hf1:n".utf8)], arguments: [2, .bytes([0])])
                #expect(reply == .array([.integer(Int64(2 * round)), .bytes([0])]))
            }
            #expect(try redis.command("INFO", "commandstats").contains("cmdstat_eval:calls=2,"))
        }
    }

    @Test("a wrong password is denied at once, and a corrected server is found without a restart")
    func wrongPassword() async throws {
        var options = PrivateRedis.Options()
        options.password = "right"
        let redis = try await PrivateRedis.start(options)
        var configuration = redis.configuration
        configuration.maximumBackoff = .milliseconds(50)
        try await withClient(configuration) { client in try await client.waitUntilConnected() }
        configuration.password = "wrong"
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .denied)
            try redis.command("CONFIG", "SET", "requirepass", "wrong")
            try await eventually("logged in") { await client.failure(of: ["PING"]) == nil }
        }
        configuration.password = nil
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .denied)
        }
    }

    @Test("callers beyond the bound wait and all get through")
    func bounds() async throws {
        let redis = try await PrivateRedis.start()
        var configuration = redis.configuration
        configuration.maximumInFlight = 4
        configuration.maximumQueuedBytes = 256
        try await withClient(configuration) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let text = String(repeating: "\(number)", count: 30)
                        let echo = try await client.command(["PING", .string(text)])
                        #expect(echo.string == text)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a call before run() fails at its deadline and says so")
    func beforeRun() async throws {
        let client = RedisClient(configuration: RedisConfiguration(address: .unix(path: "/x")), logger: .silent)
        for lane in RedisLane.allCases {
            let start = ContinuousClock.now
            let error = await client.failure(of: ["PING"], lane: lane, timeout: .milliseconds(50))
            #expect(error?.code == .notRunning)
            #expect(error?.message.contains("run()") == true)
            #expect(ContinuousClock.now - start >= .milliseconds(49))
        }
    }

    @Test("a call made before run() is sent once it runs")
    func earlyCall() async throws {
        let redis = try await PrivateRedis.start()
        let client = RedisClient(configuration: redis.configuration, logger: .silent)
        let early = Task { try await client.command(["PING", "early"], lane: .bulk, timeout: .seconds(60)).string }
        let running = Task { try await client.run() }
        #expect(try await early.value == "early")
        running.cancel()
        try await running.value
    }

    @Test("the end of run() resumes everybody, and later calls fail at once")
    func shutdown() async throws {
        let redis = try await PrivateRedis.start()
        let (client, waiting) = try await withClient(redis.configuration) { client in
            try await client.waitUntilConnected()
            let waiting = Task { await client.failure(of: ["BLPOP", "hf1:never", "0"], timeout: .seconds(30)) }
            try await eventually("BLPOP blocks") { try redis.command("CLIENT", "LIST").contains("cmd=blpop") }
            return (client, waiting)
        }
        #expect(await waiting.value?.code == .outcomeUnknown)
        #expect(await client.failure(of: ["PING"])?.code == .closed)
        #expect(client.server() == nil)
        await #expect(throws: RedisError.self) { try await client.run() }
    }

    @Test("tasks on the lane's own loop work like all others")
    func onTheLoop() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let total = await withTaskGroup(of: Int64.self) { group in
                for _ in 0..<20 {
                    group.addTask(executorPreference: client.executor) {
                        var last: Int64 = 0
                        for _ in 0..<50 {
                            last = (try? await client.command(["HINCRBY", "hf1:loop", "f", 1]).integer) ?? -1
                        }
                        return last
                    }
                }
                return await group.reduce(0, max)
            }
            #expect(total == 1000)
        }
    }

    @Test("refusals before any effect are unavailable")
    func refusals() async throws {
        var options = PrivateRedis.Options()
        options.arguments = ["--maxmemory", "100kb", "--maxmemory-policy", "noeviction"]
        let redis = try await PrivateRedis.start(options)
        try await withClient(redis.configuration) { client in
            #expect(await client.failure(of: ["SET", "hf1:k", "v"])?.code == .unavailable)
            let loading: [RedisArgument] = ["EVAL", "return redis.error_reply('LOADING later')", "0"]
            try await eventually("a refusal until the deadline is told") {
                await client.failure(of: loading, timeout: .milliseconds(100))?.code == .unavailable
            }
            #expect(await client.failure(of: [])?.code == .badInput)
        }
    }

    @Test("cancellations, restarts and load together resume every caller exactly once")
    func storm() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let ended = await withTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let words: [RedisArgument] = ["PING", .string("\(number)")]
                        for round in 0..<30 {
                            let task = Task { await client.failure(of: words, timeout: .milliseconds(50 + round)) }
                            if (number + round) % 3 == 0 { task.cancel() }
                            _ = await task.value
                        }
                        return 30
                    }
                }
                group.addTask {
                    for _ in 0..<3 { try? await redis.restart() }
                    return 0
                }
                return await group.reduce(0, +)
            }
            #expect(ended == 6000)
            try await client.waitUntilConnected()
        }
    }
}
