import HoldfastScripts
import TestServers
import Testing

@Suite struct BenchScriptTests {
    @Test("lock and load takes a free lock with a new token and is refused under another owner's")
    func lockAndLoad() async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        try redis.command("HSET", "{b}p", "data", "document", "version", "7", "fence", "3", "savedAt", "9")
        func call(_ owner: String) throws -> [Substring] {
            try redis.command("EVAL", Script.Bench.lockAndLoad.source, "3", "{b}l", "{b}f", "{b}p", owner, "60000")
                .split(separator: "\n")
        }
        #expect(try call("one") == ["1", "1", "document", "7", "3", "9"])
        #expect(try call("one").prefix(2) == ["1", "2"])
        let refused = try call("two")
        #expect(refused.prefix(2) == ["0", "one"])
        #expect(Int(refused[2]).map { (1...60_000).contains($0) } == true)
        #expect(try redis.command("GET", "{b}f") == "2")
    }
}
