import HoldfastSQLite
import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Several clients with several tasks each, as a fleet has them.
@Suite struct QueueFleetTests {
    private static let long = Duration.seconds(600)

    /// Runs several memory stores, each with a client of its own.
    private static func withFleet(
        _ count: Int, on server: PrivateRedis, deployment: String = RandomID.random().description,
        store: (any DurableStore)? = nil, stores: [MemoryStore] = [],
        _ body: @escaping @Sendable ([MemoryStore]) async throws -> Void
    ) async throws {
        guard stores.count < count else { return try await body(stores) }
        try await withMemoryStore(on: server, deployment: deployment, store: store) { memory in
            try await withFleet(
                count, on: server, deployment: deployment, store: store, stores: stores + [memory], body)
        }
    }

    @Test("every item is delivered, and none to two readers at a time", arguments: RedisKind.allCases)
    func exclusive(_ kind: RedisKind) async throws {
        let total = 2_000
        let held = Held()
        try await Self.withFleet(4, on: try await kind.server()) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, memory) in fleet.enumerated() {
                    let queue = try memory.queue("f", of: Int.self, options: QueueOptions(maximumAttempts: nil))
                    group.addTask {
                        for first in stride(from: number, to: total, by: 4 * 5) {
                            let values = stride(from: first, to: min(first + 20, total), by: 4).map { $0 }
                            try await queue.add(
                                contentsOf: values, expiresAfter: Self.long, priority: Double(first % 3) - 1)
                        }
                    }
                    for reader in 0..<4 {
                        group.addTask {
                            var turns = 0
                            while held.doneCount < total {
                                turns += 1
                                let batch = try await queue.read(
                                    1 + (turns + reader) % 7, waitingUpTo: .milliseconds(200),
                                    invisibleFor: .seconds(60))
                                guard let batch else { continue }
                                for item in batch.items { held.take(item.id) }
                                if turns % 5 == 0 {
                                    // It gives up; the next one goes on.
                                    for item in batch.items { held.release(item.id) }
                                    try await queue.release(batch.id)
                                } else {
                                    for item in batch.items { held.finish(item.id, item.value) }
                                    let removed = try await queue.remove(batch.id)
                                    #expect(removed)
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await expect(fleet[0].queue("f", of: Int.self).size(), is: 0)
        }
        #expect(held.values == Set(0..<total))
        #expect(held.violations == 0)
    }

    @Test("one reader gets what each adder added in its order, within a priority")
    func order() async throws {
        try await Self.withFleet(3, on: try await RedisKind.standalone.server()) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for adder in 0..<2 {
                    let queue = try fleet[adder].queue("o", of: [Int].self)
                    group.addTask {
                        for number in 0..<300 {
                            try await queue.add(
                                [adder, number], expiresAfter: Self.long, priority: Double(number % 2))
                        }
                    }
                }
                let queue = try fleet[2].queue("o", of: [Int].self)
                group.addTask {
                    var last: [[Int]: Int] = [:]
                    var count = 0
                    while count < 600 {
                        guard let batch = try await queue.read(9, waitingUpTo: .seconds(30)) else { continue }
                        for item in batch.items {
                            let line = [item.value[0], item.value[1] % 2]
                            #expect(last[line].map { $0 < item.value[1] } ?? true)
                            last[line] = item.value[1]
                            count += 1
                        }
                        try await queue.remove(batch.id)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "Redis is killed under load and comes back: nothing acknowledged is lost, and nothing is removed twice",
        arguments: [false, true])
    func kills(durable: Bool) async throws {
        let tally = Tally()
        try await Self.withStore { redis, store in
            try await Self.withFleet(2, on: redis, deployment: "kills", store: store) { fleet in
                try await Self.load(fleet, durable: durable, tally, faults: 4) { _ in try await redis.restart() }
            }
        }
        #expect(tally.lost == [])
        #expect(tally.removedTwice == [])
    }

    @Test("Redis is killed and flushed under load: no acknowledged durable item is lost")
    func flushes() async throws {
        let tally = Tally()
        try await Self.withStore { redis, store in
            try await Self.withFleet(2, on: redis, deployment: "kills", store: store) { fleet in
                try await Self.load(fleet, durable: true, tally, faults: 5) { round in
                    if round.isMultiple(of: 2) { try await redis.restart() } else { try redis.flushAll() }
                }
                // Whatever was removed is gone from the store, too, sooner or later.
                let duties = QueueDuties(fleet[0].context, hub: fleet[0].queueHub)
                var places: [SpaceName: Int64] = [:]
                let queue = try fleet[0].queue("k", of: Int.self)
                try await eventually("the store is empty") {
                    await duties.scrub(&places)
                    if let batch = try? await queue.read(100) { _ = try? await queue.remove(batch.id) }
                    return try await store.logs(startingWith: [], after: nil, limit: 10).allSatisfy { $0.count == 0 }
                }
            }
        }
        #expect(tally.lost == [])
    }

    /// Gives `body` a Redis that keeps every write in its file, and a store.
    private static func withStore(
        _ body: (PrivateRedis, SQLiteStore) async throws -> Void
    ) async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        let redis = try await PrivateRedis.start(options)
        defer { redis.stop() }
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("q.sqlite"), deployment: "kills", busyTimeout: .seconds(30))
        _ = try await store.migrate(DeploymentTimings())
        try await body(redis, store)
        await store.close()
    }

    /// Adds, reads and removes in every process of the fleet while faults happen, and then until all is delivered.
    private static func load(
        _ fleet: [MemoryStore], durable: Bool, _ tally: Tally, faults: Int,
        fault: @escaping @Sendable (_ round: Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, memory) in fleet.enumerated() {
                let queue = try memory.queue("k", of: Int.self, options: QueueOptions(maximumAttempts: nil))
                group.addTask {
                    var value = number
                    while tally.isAdding {
                        value += fleet.count
                        if (try? await queue.add(value, expiresAfter: long, durable: durable)) != nil {
                            tally.acknowledge(value)
                        }
                    }
                }
                group.addTask {
                    var deadline = ContinuousClock.now
                    while tally.isAdding || !tally.lost.isEmpty && .now < deadline {
                        if tally.isAdding { deadline = .now + .seconds(120) }
                        guard
                            let batch = try? await queue.read(
                                10, waitingUpTo: .seconds(1), invisibleFor: .milliseconds(500))
                        else { continue }
                        tally.deliver(batch.values)
                        if (try? await queue.remove(batch.id)) == true { tally.remove(batch.values) }
                    }
                }
            }
            group.addTask {
                defer { tally.stop() }
                func more(_ count: Int) async throws {
                    let wanted = tally.acknowledgedCount + count
                    try await eventually("more items") { tally.acknowledgedCount >= wanted }
                }
                for round in 0..<faults {
                    try await more(40)
                    try await fault(round)
                }
                try await more(40)
            }
            try await group.waitForAll()
        }
    }
}

/// Who holds which item, as the readers see it.
private final class Held: Sendable {
    private struct State {
        var held: Set<RandomID> = []
        var values: Set<Int> = []
        var violations = 0
    }

    private let state = Mutex(State())

    var doneCount: Int { state.withLock { $0.values.count } }
    var values: Set<Int> { state.withLock { $0.values } }
    var violations: Int { state.withLock { $0.violations } }

    func take(_ id: RandomID) {
        state.withLock { if !$0.held.insert(id).inserted { $0.violations += 1 } }
    }

    func release(_ id: RandomID) {
        state.withLock { _ = $0.held.remove(id) }
    }

    /// It stays held: nobody may ever get it again.
    func finish(_ id: RandomID, _ value: Int) {
        state.withLock { _ = $0.values.insert(value) }
    }
}

/// What was acknowledged, delivered and removed.
private final class Tally: Sendable {
    private struct State {
        var acknowledged: Set<Int> = []
        var delivered: Set<Int> = []
        var removed: Set<Int> = []
        var removedTwice: Set<Int> = []
        var isAdding = true
    }

    private let state = Mutex(State())

    var isAdding: Bool { state.withLock { $0.isAdding } }
    var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }
    /// What was acknowledged and not delivered so far.
    var lost: Set<Int> { state.withLock { $0.acknowledged.subtracting($0.delivered) } }

    func acknowledge(_ value: Int) {
        state.withLock { _ = $0.acknowledged.insert(value) }
    }

    func deliver(_ values: [Int]) {
        state.withLock { $0.delivered.formUnion(values) }
    }

    /// Values of which two batches were removed.
    var removedTwice: Set<Int> { state.withLock { $0.removedTwice } }

    func remove(_ values: [Int]) {
        state.withLock { state in
            for value in values where !state.removed.insert(value).inserted { state.removedTwice.insert(value) }
        }
    }

    func stop() {
        state.withLock { $0.isAdding = false }
    }
}
