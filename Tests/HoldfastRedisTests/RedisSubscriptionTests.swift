import Synchronization
import TestServers
import Testing

@testable import HoldfastRedis

@Suite("Subscriptions", .timeLimit(.minutes(10)))
struct RedisSubscriptionTests {
    private func text(_ event: RedisSubscription.Event?) -> String? {
        if case .message(let bytes) = event { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    @Test("messages arrive in order, on their own channel only, for every subscriber")
    func messages() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let one = client.subscribe("hf1:one")
            let two = client.subscribe("hf1:two")
            var first = one.makeAsyncIterator()
            var second = two.makeAsyncIterator()
            #expect(await first.next() == .reconnected)
            #expect(await second.next() == .reconnected)
            let again = client.subscribe("hf1:one")
            var third = again.makeAsyncIterator()
            #expect(await third.next() == .reconnected)
            for number in 0..<5 { _ = try await client.command(["PUBLISH", "hf1:one", .string("\(number)")]) }
            _ = try await client.command(["PUBLISH", "hf1:two", "2"])
            for number in 0..<5 {
                #expect(text(await first.next()) == "\(number)")
                #expect(text(await third.next()) == "\(number)")
            }
            #expect(text(await second.next()) == "2")
        }
    }

    @Test("a subscription survives CLIENT KILL and says that it missed something")
    func clientKill() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let subscription = client.subscribe("hf1:news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
            #expect(await events.next() == .reconnected)
            _ = try await client.command(["PUBLISH", "hf1:news", "after"])
            #expect(text(await events.next()) == "after")
        }
    }

    @Test("a frozen server is left for a fresh connection")
    func frozen() async throws {
        let redis = try await PrivateRedis.start()
        var configuration = redis.configuration
        configuration.commandTimeout = .milliseconds(150)
        try await withClient(configuration) { client in
            let subscription = client.subscribe("hf1:news")
            var events = subscription.makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            redis.pause()
            try await eventually("the silence is noticed") { !client.hub.isConnected }
            redis.resume()
            #expect(await events.next() == .reconnected)
        }
    }

    @Test("a subscription is given up when cancelled and when nobody holds it")
    func unsubscribe() async throws {
        let redis = try await PrivateRedis.start()
        try await withClient(redis.configuration) { client in
            let kept = client.subscribe("hf1:kept")
            var events = kept.makeAsyncIterator()
            do {
                let dropped = client.subscribe("hf1:dropped")
                var others = dropped.makeAsyncIterator()
                #expect(await others.next() == .reconnected)
            }
            #expect(await events.next() == .reconnected)
            try await eventually("only one channel is left") {
                try redis.command("PUBSUB", "CHANNELS") == "hf1:kept"
            }
            kept.cancel()
            #expect(await events.next() == nil)
            try await eventually("no channel is left") { try redis.command("PUBSUB", "CHANNELS").isEmpty }
            let again = client.subscribe("hf1:kept")
            var fresh = again.makeAsyncIterator()
            #expect(await fresh.next() == .reconnected)
        }
    }

    @Test("the end of the client and of the reading task end the sequence")
    func ends() async throws {
        let redis = try await PrivateRedis.start()
        let subscription = try await withClient(redis.configuration) { client in
            let subscription = client.subscribe("hf1:news")
            let reader = Task {
                for await _ in subscription {}
                return true
            }
            reader.cancel()
            #expect(await reader.value)
            return subscription
        }
        for await _ in subscription {}
    }

    @Test("a slow reader loses the oldest events and is told")
    func overflow() async {
        let buffer = SubscriptionBuffer(limit: 3)
        let dropped = (0..<6).map { buffer.yield(.message([UInt8($0)])) }
        #expect(dropped == [0, 0, 0, 2, 1, 1])
        buffer.finish()
        #expect(await buffer.next() == .overflow)
        #expect(await buffer.next() == .message([4]))
        #expect(await buffer.next() == .message([5]))
        #expect(await buffer.next() == nil)
    }
}
