import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct QueueWaitTests {
    private static let long = Duration.seconds(600)

    /// Runs several memory stores on one server, as several processes would.
    private static func withFleet(
        _ count: Int, on server: PrivateRedis, deployment: String = RandomID.random().description,
        stores: [MemoryStore] = [], _ body: @escaping @Sendable ([MemoryStore]) async throws -> Void
    ) async throws {
        guard stores.count < count else { return try await body(stores) }
        try await withMemoryStore(on: server, deployment: deployment) { memory in
            try await withFleet(count, on: server, deployment: deployment, stores: stores + [memory], body)
        }
    }

    private static func name(_ memory: MemoryStore, _ queue: String, _ part: String) -> String {
        String(decoding: memory.context.keys.keys("queue", queue)[part], as: UTF8.self)
    }

    /// How many scripts the server has run.
    private static func scripts(_ redis: PrivateRedis) throws -> Int {
        let lines = try redis.command("INFO", "commandstats").split(whereSeparator: \.isNewline)
        let calls = lines.filter { $0.hasPrefix("cmdstat_eval") }.compactMap { line in
            line.split(separator: "calls=").last?.split(separator: ",").first.flatMap { Int($0) }
        }
        return calls.reduce(0, +)
    }

    @Test("a waiting read gets what is added later", arguments: RedisKind.allCases)
    func waits(_ kind: RedisKind) async throws {
        let server = try await kind.server()
        try await Self.withFleet(2, on: server) { fleet in
            let queue = try fleet[0].queue("w", of: Int.self)
            async let batch = queue.read(5, waitingUpTo: .seconds(60))
            try await eventually("it waits") {
                try server.command("ZCARD", Self.name(fleet[0], "w", "waiters")) == "1"
            }
            try await fleet[1].queue("w", of: Int.self).add(contentsOf: [1, 2], expiresAfter: Self.long)
            let values = try await batch?.values
            #expect(values == [1, 2])
        }
    }

    @Test("everything is delivered when every hint is lost, only later")
    func withoutHints() async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        try redis.refuseChannels()
        try await Self.withFleet(1, on: redis) { fleet in
            let queue = try fleet[0].queue("w", of: Int.self)
            async let batch = queue.read(waitingUpTo: .seconds(60))
            try await eventually("it waits") {
                try redis.command("ZCARD", Self.name(fleet[0], "w", "waiters")) == "1"
            }
            try await queue.add(1, expiresAfter: Self.long)
            let values = try await batch?.values
            #expect(values == [1])
        }
    }

    @Test("one item sets one process to work, however many wait")
    func noStorm() async throws {
        let redis = try await PrivateRedis.start()
        defer { redis.stop() }
        let processes = 12
        try await Self.withFleet(processes, on: redis) { fleet in
            let waiters = Self.name(fleet[0], "w", "waiters")
            try await withThrowingTaskGroup(of: Int.self) { group in
                for memory in fleet {
                    let queue = try memory.queue("w", of: Int.self)
                    for _ in 0..<5 {
                        group.addTask { try await queue.read(waitingUpTo: .seconds(600))?.values.first ?? -1 }
                    }
                }
                let channel = try fleet[0].queue("w", of: Int.self).scripts.channel
                try await eventually("all wait and listen") {
                    try redis.command("ZCARD", waiters) == "\(processes)"
                        && redis.command("PUBSUB", "NUMSUB", channel).hasSuffix("\n\(processes)")
                }
                // Five tasks and a subscription a process, and still no connection but those of their clients.
                let connections = try redis.command("CLIENT", "LIST").split(whereSeparator: \.isNewline).count
                #expect(connections <= 3 * processes + 1)

                let adder = try fleet[0].queue("w", of: Int.self)
                var costs: [Int] = []
                // The addition, the look of the one process, and the look of the next in its line. Polls may fall into
                // the same moment, which does not happen each time; a storm would be a script for each process at
                // least.
                repeat {
                    let before = try Self.scripts(redis)
                    try await adder.add(7, expiresAfter: Self.long)
                    let first = try await group.next()
                    #expect(first == 7)
                    costs.append(try Self.scripts(redis) - before)
                } while costs[costs.count - 1] >= 9 && costs.count < 20
                #expect(costs[costs.count - 1] < 9, "\(costs)")

                let rest = Array(0..<(5 * processes - costs.count))
                for value in rest { try await adder.add(value, expiresAfter: Self.long) }
                var found: [Int] = []
                for try await value in group { found.append(value) }
                #expect(found.sorted() == rest)
            }
        }
    }

    @Test("a read ends at its deadline without anything, and at once when it is cancelled")
    func ends() async throws {
        try await withMemoryStore { memory, redis in
            let queue = try memory.queue("w", of: Int.self)
            let nothing = try await queue.read(waitingUpTo: .milliseconds(50))
            #expect(nothing == nil)
            let task = Task { try await queue.read(waitingUpTo: .seconds(600)) }
            try await eventually("it waits") { try redis.command("ZCARD", Self.name(memory, "w", "waiters")) == "1" }
            task.cancel()
            let error = await code { _ = try await task.value }
            #expect(error == .deadline)
            // Those who left take nothing.
            try await queue.add(1, expiresAfter: Self.long)
            try await expect(queue.size(excludingInvisible: true), is: 1)
        }
    }

    @Test("one who waits for many does not keep those behind from what there is")
    func allOrNothing() async throws {
        try await withMemoryStore { memory, _ in
            let queue = try memory.queue("w", of: Int.self)
            async let many = queue.read(3, allOrNothing: true, waitingUpTo: .seconds(60))
            try await eventually("the first waits") { !queue.shared.room.isIdle }
            async let one = queue.read(1, waitingUpTo: .seconds(60))
            try await queue.add(1, expiresAfter: Self.long)
            let single = try await one?.values
            #expect(single == [1])
            for value in [2, 3, 4] { try await queue.add(value, expiresAfter: Self.long) }
            let all = try await many?.values
            #expect(all == [2, 3, 4])
        }
    }

    @Test("what a crashed reader held reaches one who waits")
    func redelivery() async throws {
        try await withMemoryStore { memory, _ in
            let queue = try memory.queue("w", of: Int.self)
            try await queue.add(1, expiresAfter: Self.long)
            _ = try await queue.read(invisibleFor: .milliseconds(10))
            let batch = try await queue.read(waitingUpTo: .seconds(60))
            #expect(batch?.items.first?.attempts == 2)
        }
    }

    @Test("a hint for a process in which nobody waits any more goes on to another")
    func passedOn() async throws {
        let server = try await RedisKind.standalone.server()
        try await Self.withFleet(2, on: server) { fleet in
            let waiters = Self.name(fleet[0], "w", "waiters")
            let left = try fleet[0].queue("w", of: Int.self)
            let stays = try fleet[1].queue("w", of: Int.self)
            let task = Task { try await left.read(waitingUpTo: .seconds(600)) }
            try await eventually("it waits") { try server.command("ZCARD", waiters) == "1" }
            async let batch = stays.read(waitingUpTo: .seconds(60))
            try await eventually("both wait and listen") {
                try server.command("ZCARD", waiters) == "2"
                    && server.command("PUBSUB", "NUMSUB", left.scripts.channel).hasSuffix("\n2")
            }
            task.cancel()
            _ = await task.result
            // Whichever of the two is named, the item arrives.
            try await left.add(1, expiresAfter: Self.long)
            let values = try await batch?.values
            #expect(values == [1])
        }
    }
}
