import TestServers
import Testing

@testable import HoldfastRedis

@Suite("A peer that vanished", .timeLimit(.minutes(10)))
struct VanishedPeerTests {
    /// Runs a client that reaches a Redis through a relay.
    private func withRelay(
        tls: Bool, _ body: @escaping @Sendable (RedisClient, SilentRelay) async throws -> Void
    ) async throws {
        var options = PrivateRedis.Options()
        options.tcp = true
        options.tls = tls
        let redis = try await PrivateRedis.start(options)
        let relay = try SilentRelay(to: try #require(tls ? redis.tlsPort : redis.port))
        var configuration = redis.configuration(.standalone(.tcp(host: "127.0.0.1", port: relay.port)))
        configuration.commandTimeout = .milliseconds(300)
        configuration.maximumQueuedBytes = 256 * 1024
        if tls { configuration.tls = RedisTLS(authorityFile: redis.certificate?.authority) }
        let settings = configuration
        try await relay.relaying {
            try await withClient(settings) { client in
                try await client.waitUntilConnected()
                try await body(client, relay)
            }
        }
    }

    @Test("callers are told at their deadlines, and a fresh connection serves the next ones", arguments: [false, true])
    func silence(tls: Bool) async throws {
        try await withRelay(tls: tls) { client, relay in
            let stored = Self.patient(client)
            _ = try await stored(["SET", "hf1:k", "before"])
            var times: [Duration] = []
            // A machine that stands still makes one round longer, the time that TLS takes to say good-bye to somebody
            // who does not answer would make all of them.
            repeat {
                let generation = try #require(client.server()?.generation)
                relay.silence()
                let start = ContinuousClock.now
                let code = await client.failure(of: ["SET", "hf1:k", "lost"])?.code
                #expect(Self.untold.contains(code))
                try await eventually("another connection") {
                    if client.server()?.generation ?? 0 > generation { return true }
                    if code == .deadline { _ = await client.failure(of: ["PING"]) }
                    return false
                }
                times.append(.now - start)
                #expect(try await stored(["GET", "hf1:k"]).string == "before")
            } while times[times.count - 1] > .seconds(3) && times.count < 5
            #expect(times[times.count - 1] < .seconds(3), "\(times)")
        }
    }

    /// What a caller hears of a connection that is silent, or that could not be written to in time.
    private static let untold: [RedisError.Code?] = [.outcomeUnknown, .deadline]

    /// Sends again what a short deadline or a stalled relay has cut off.
    private static func patient(
        _ client: RedisClient, lane: RedisLane = .session
    ) -> @Sendable ([RedisArgument]) async throws -> RedisValue {
        { words in
            var reply: RedisValue?
            try await eventually("\(words) is answered") {
                reply = try? await client.command(words, lane: lane)
                return reply != nil
            }
            return try #require(reply)
        }
    }

    @Test(
        "a command that comes while the silent connection is given up goes to the next one", arguments: [false, true])
    func nextConnection(tls: Bool) async throws {
        try await withRelay(tls: tls) { client, relay in
            var connections = 1
            var echo: RedisValue?
            // Where the relay stands still, too, the next connection is given up as well.
            for _ in 0..<5 where echo == nil {
                connections = relay.connections
                relay.silence()
                let code = await client.failure(of: ["PING"])?.code
                #expect(Self.untold.contains(code))
                echo = try? await client.command(["PING", "next"], timeout: .seconds(60))
            }
            #expect(echo?.string == "next")
            #expect(relay.connections > connections)
        }
    }

    @Test("what the socket did not take was not sent, is told so, and is never executed", arguments: [false, true])
    func backPressure(tls: Bool) async throws {
        try await withRelay(tls: tls) { client, relay in
            _ = try await Self.patient(client, lane: .bulk)(["PING"])
            relay.silence()
            let value = [UInt8](repeating: 1, count: 256 * 1024)
            let codes = await withTaskGroup(of: RedisError.Code?.self) { group in
                // More than the buffers of both sockets hold.
                for number in 0..<64 {
                    group.addTask {
                        let words: [RedisArgument] = ["SET", .string("hf1:{v}\(number)"), .bytes(value)]
                        return await client.failure(of: words, lane: .bulk)?.code
                    }
                }
                return await group.reduce(into: [RedisError.Code?]()) { $0.append($1) }
            }
            #expect(codes.contains(.deadline))
            let keys = (0..<64).map { RedisArgument.string("hf1:{v}\($0)") }
            let stored = try await Self.patient(client, lane: .bulk)(["EXISTS"] + keys).integer
            // What came late enough for the next connection.
            #expect(codes.allSatisfy { $0 == nil || Self.untold.contains($0) })
            #expect(stored == Int64(codes.count { $0 == nil }))
        }
    }

    @Test("subscriptions notice it and say that they may have missed something", arguments: [false, true])
    func subscriptions(tls: Bool) async throws {
        try await withRelay(tls: tls) { client, relay in
            let subscription = client.subscribe("hf1:news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            relay.silence()
            #expect(await events.next() == .reconnected)
            let code = await client.failure(of: ["PING"])?.code
            #expect(Self.untold.contains(code))
            _ = try await Self.patient(client)(["PUBLISH", "hf1:news", "after"])
            var event = await events.next()
            while event == .reconnected {
                _ = try await Self.patient(client)(["PUBLISH", "hf1:news", "after"])
                event = await events.next()
            }
            #expect(event == .message(Array("after".utf8)))
        }
    }
}
