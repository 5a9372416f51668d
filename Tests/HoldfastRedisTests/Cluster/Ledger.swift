import HoldfastScripts
import Synchronization
import TestServers
import Testing

@testable import HoldfastRedis

/// Adds to counters under load, so that a loss and a repetition can both be seen afterwards.
///
/// Each entry has an id of its own. The script takes an id once; when its answer was lost, the same id goes again.
final class Ledger: Sendable {
    struct Tally {
        /// Entries that were acknowledged, by key.
        var acknowledged: [String: Int] = [:]
        /// Calls that ended in doubt, and were repeated.
        var doubts = 0
        /// Calls that failed without any effect, by code; they were repeated.
        var failures: [String: Int] = [:]
        /// The longest time without any acknowledgement.
        var longestGap = Duration.zero
        var lastAt = ContinuousClock.now
        var isOver = false
    }

    /// KEYS: set of ids, counter.
    ///
    /// ARGV: id. Returns 1 when the id is new, and the counter.
    private static let script = Script(
        name: "ledger",
        source: """
            #!lua
            local new = redis.call('SADD', KEYS[1], ARGV[1])
            if new == 1 then redis.call('INCR', KEYS[2]) end
            return {new, redis.call('GET', KEYS[2])}
            """)

    let client: RedisClient
    let keys: [String]
    private let tally = Mutex(Tally())

    init(client: RedisClient, keys: [String]) {
        self.client = client
        self.keys = keys
    }

    var now: Tally { tally.withLock { $0 } }

    /// All slots of the keys.
    var slots: [Int] { Array(Set(keys.map { HashSlot.of(Array($0.utf8)) })).sorted() }

    /// Writes the first entry to every key, so that all of them exist.
    func open() async throws {
        for key in keys { _ = try await enter("first", key) }
        tally.withLock { tally in
            for key in keys { tally.acknowledged[key, default: 0] += 1 }
        }
    }

    /// Writes while `body` runs, one entry after the other in each of `tasks`, and lets the last ones come to their
    /// end.
    func write(
        tasks: Int, timeout: Duration = .seconds(30), while body: @Sendable () async throws -> Void
    ) async throws {
        tally.withLock { $0.lastAt = .now }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var number = 0
                    while !self.tally.withLock({ $0.isOver }), !Task.isCancelled {
                        number += 1
                        await self.write("\(task)-\(number)", to: self.keys[(task + number) % self.keys.count], timeout)
                    }
                }
            }
            try await body()
            tally.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
    }

    /// Compares the counters with what was acknowledged: every entry counts once.
    func verify() async throws {
        let tally = now
        for key in keys {
            let count = try await client.command(["GET", .string("{\(key)}:count")]).integer ?? 0
            let ids = try await client.command(["SCARD", .string("{\(key)}:ids")]).integer ?? 0
            #expect(count == ids, "\(key): an entry counts twice")
            #expect(Int(count) == tally.acknowledged[key, default: 0], "\(key): an entry is lost")
        }
    }

    private func write(_ id: String, to key: String, _ timeout: Duration) async {
        while true {
            do throws(RedisError) {
                _ = try await enter(id, key, timeout)
                tally.withLock { tally in
                    let now = ContinuousClock.now
                    tally.acknowledged[key, default: 0] += 1
                    tally.longestGap = max(tally.longestGap, now - tally.lastAt)
                    tally.lastAt = now
                }
                return
            } catch {
                tally.withLock { tally in
                    if error.code == .outcomeUnknown {
                        tally.doubts += 1
                    } else {
                        tally.failures["\(error.code)", default: 0] += 1
                    }
                }
                if error.code == .cancelled { return }
                guard error.isRetriable else {
                    Issue.record("\(error)")
                    // The next ones would end the same.
                    tally.withLock { $0.isOver = true }
                    return
                }
            }
        }
    }

    @discardableResult
    private func enter(_ id: String, _ key: String, _ timeout: Duration = .seconds(5)) async throws(RedisError) -> Int64
    {
        let keys = ["{\(key)}:ids", "{\(key)}:count"].map { Array($0.utf8) }
        let reply = try await client.evaluate(Self.script, keys: keys, arguments: [.string(id)], timeout: timeout)
        return try reply.decodeArray("ledger", minimum: 2)[0].decodeInteger("ledger")
    }
}
