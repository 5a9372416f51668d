import TestServers
import Testing

@testable import HoldfastRedis

@Suite("A peer that vanished", .timeLimit(.minutes(1)))
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
            _ = try await client.command(["SET", "hf1:k", "before"])
            relay.silence()
            let start = ContinuousClock.now
            #expect(await client.failure(of: ["SET", "hf1:k", "lost"])?.code == .outcomeUnknown)
            try await eventually("a second connection", within: .seconds(30)) {
                client.server()?.generation ?? 0 >= 2
            }
            // Not the time that TLS takes to say good-bye to somebody who does not answer.
            #expect(ContinuousClock.now - start < .seconds(3))
            let stored = try await client.command(["GET", "hf1:k"])
            #expect(stored.string == "before")
        }
    }

    @Test(
        "a command that comes while the silent connection is given up goes to the next one", arguments: [false, true])
    func nextConnection(tls: Bool) async throws {
        try await withRelay(tls: tls) { client, relay in
            relay.silence()
            #expect(await client.failure(of: ["PING"])?.code == .outcomeUnknown)
            let echo = try await client.command(["PING", "next"], timeout: .seconds(20))
            #expect(echo.string == "next")
            #expect(relay.connections == 2)
        }
    }

    @Test("what the socket did not take was not sent, is told so, and is never executed", arguments: [false, true])
    func backPressure(tls: Bool) async throws {
        try await withRelay(tls: tls) { client, relay in
            try await client.waitUntilConnected()
            _ = try await client.command(["SET", "hf1:sum", "0"], lane: .bulk)
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
            #expect(codes.allSatisfy { $0 == .deadline || $0 == .outcomeUnknown })
            let keys = (0..<64).map { RedisArgument.string("hf1:{v}\($0)") }
            let stored = try await client.command(["EXISTS"] + keys, lane: .bulk, timeout: .seconds(20)).integer
            #expect(stored == 0)
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
            #expect(await client.failure(of: ["PING"])?.code == .outcomeUnknown)
            _ = try await client.command(["PUBLISH", "hf1:news", "after"], timeout: .seconds(20))
            #expect(await events.next() == .message(Array("after".utf8)))
        }
    }
}
