import Foundation
import HoldfastMemoryStore
import HoldfastPrivateServers
import HoldfastRedis
import Logging

/// An announcement to 100 subscribers in four processes against a plain PUBLISH to the same ones: p99, lower is better.
///
/// Each message carries the time at which it was sent, by a clock that all processes share; the subscribers note how
/// old it is when they get it.
struct AnnouncementRow: Sendable {
    private static let processes = 4
    private static let subscribers = 25
    private static let deployment = "bench"
    private static let channel = "bench"
    private static let plainChannel = "bench:plain"
    private static let pause: Duration = .milliseconds(5)
    private static let end: Int64 = -1

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let folder = try TemporaryFolder()
        let children = try (0..<Self.processes).map { number in
            try ChildProcess(
                "/proc/self/exe", ["bench", "--announcement-child", redis.socketPath],
                logPath: folder.file("\(number).log"))
        }
        defer { for child in children { child.stop() } }
        let client = Self.client(redis.socketPath, context.logger)
        let news = try MemoryStore(redis: client, deployment: Self.deployment, logger: context.logger)
            .announcements(Self.channel, of: Int64.self)
        return try await withRunning(client) {
            for child in children where !child.isRunning { throw BenchError("a subscriber ended: \(child.log)") }
            try await Self.collect("ready", client)
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: {
                    try await Self.round(context.seconds, client) { try await news.publishFast($0) }
                },
                ceiling: {
                    try await Self.round(context.seconds, client) { sent in
                        _ = try await client.command(["PUBLISH", .string(Self.plainChannel), .integer(sent)])
                    }
                })
            return BenchRow(
                name: BenchName.announcement.rawValue, unit: "ms",
                ceilingCommand: "PUBLISH \(Self.plainChannel) to the same \(Self.processes * Self.subscribers) "
                    + "subscribers in \(Self.processes) processes; p99 of all deliveries", pairs: pairs)
        }
    }

    /// The part of one child: subscribes to both, until it is ended.
    func subscribe(_ socketPath: String, logger: Logger) async throws {
        let client = Self.client(socketPath, logger)
        let memory = MemoryStore(redis: client, deployment: Self.deployment, logger: logger)
        let news = try memory.announcements(Self.channel, of: Int64.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.addTask { try await memory.run() }
            for _ in 0..<Self.subscribers {
                let subscription = try await news.subscribe()
                group.addTask {
                    var ages: [Double] = []
                    for await event in subscription {
                        guard case .message(let found) = event else { continue }
                        try await Self.note(found.value, &ages, client)
                    }
                }
                group.addTask {
                    var ages: [Double] = []
                    for await event in client.subscribe(Self.plainChannel) {
                        switch event {
                        case .message(let bytes):
                            guard let sent = Int64(String(decoding: bytes, as: UTF8.self)) else { continue }
                            try await Self.note(sent, &ages, client)
                        case .reconnected: _ = try await client.command(["RPUSH", "ready", "1"])
                        case .overflow: continue
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Notes a message's age in milliseconds; the last message of a round hands all of them in.
    private static func note(_ sent: Int64, _ ages: inout [Double], _ client: RedisClient) async throws {
        guard sent == end else { return ages.append(Double(now() - sent) / 1e6) }
        let text = ages.map { "\($0)" }.joined(separator: ",")
        ages = []
        _ = try await client.command(["RPUSH", "ages", .string(text)])
    }

    /// Sends for `seconds` and returns the p99 of all deliveries in milliseconds.
    private static func round(
        _ seconds: Double, _ client: RedisClient, _ send: (Int64) async throws -> Void
    ) async throws -> Double {
        let stop = ContinuousClock.now + .seconds(seconds)
        var sent = 0
        while ContinuousClock.now < stop {
            try await send(now())
            sent += 1
            try await Task.sleep(for: pause)
        }
        try await send(end)
        let ages = try await collect("ages", client)
            .flatMap { $0.split(separator: ",").compactMap { Double($0) } }.sorted()
        guard ages.count == sent * processes * subscribers else {
            throw BenchError("\(ages.count) deliveries of \(sent) messages came")
        }
        return ages[ages.count * 99 / 100]
    }

    /// Waits for one word of each subscriber.
    @discardableResult
    private static func collect(_ list: String, _ client: RedisClient) async throws -> [String] {
        let wanted = processes * subscribers
        try await eventually("all subscribers answer", within: .seconds(30)) {
            try await client.command(["LLEN", .string(list)]).integer == Int64(wanted)
        }
        let found = try await client.command(["LPOP", .string(list), .integer(Int64(wanted))]).decodeArray()
        return found.compactMap(\.string)
    }

    private static func client(_ socketPath: String, _ logger: Logger) -> RedisClient {
        RedisClient(configuration: RedisConfiguration(address: .unix(path: socketPath)), logger: logger)
    }

    /// Nanoseconds of a clock that all processes of the machine share.
    private static func now() -> Int64 {
        Int64(clamping: DispatchTime.now().uptimeNanoseconds)
    }
}
