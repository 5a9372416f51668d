import HoldfastCoordination
import HoldfastPrivateServers
import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// Renewing 10,000 leases in batches against the same script for one lease a call at depth 64: times, lower is
/// better.
struct LeaseRow: Sendable {
    private static let leases = RedisBenchmark.keys
    private static let deployment = "bench"
    private static let leaseMillis = 600_000
    /// Sixteen printable bytes, so that redis-benchmark can name the holder in its command.
    private static let nonceText = "bench-lease-0001"

    /// Measures the row on a Redis of its own.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let redis = try await RedisProcess.start()
        defer { redis.stop() }
        let client = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: redis.socketPath)), logger: context.logger)
        let backend = RedisCoordinationBackend(client: client, deployment: Self.deployment, logger: context.logger)
        return try await withRunning(client) {
            let claims = try await acquire(backend)
            let sample = "hf1:\(Self.deployment):{bench:000000000000}:lease"
            let script = Script.Lease.renew
            let answer = try await client.evaluate(
                script, keys: [Array(sample.utf8)],
                arguments: [.integer(Int64(Self.leaseMillis)), .string(Self.nonceText)])
            guard answer.array?.count == 1 else { throw BenchError("the single renewal finds no lease at \(sample)") }
            let benchmark = RedisBenchmark(
                socketPath: redis.socketPath, depth: 64,
                command: [
                    "EVALSHA", script.sha1, "1", sample.replacing("000000000000", with: "__rand_int__"),
                    "\(Self.leaseMillis)", Self.nonceText,
                ])
            // A pass takes milliseconds, so each run makes several.
            let passes = Swift.max(1, Int(context.seconds * 5))
            let pairs = try await BenchPair.measure(
                progress: context.finishedPair,
                ours: {
                    let clock = ContinuousClock()
                    let start = clock.now
                    for _ in 0..<passes {
                        let notices = try await backend.renew(claims, lease: .milliseconds(Self.leaseMillis))
                        guard notices.isEmpty else { throw BenchError("\(notices.count) leases were lost") }
                    }
                    return (clock.now - start) / .milliseconds(1) / Double(passes)
                },
                ceiling: {
                    1_000 * Double(Self.leases) / (try benchmark.run(requests: passes * Self.leases))
                }
            )
            return BenchRow(
                name: BenchName.lease.rawValue, unit: "ms",
                ceilingCommand: benchmark.commandLine(requests: passes * Self.leases), pairs: pairs)
        }
    }

    /// Takes the leases of keys of twelve digits, as redis-benchmark spells them.
    private func acquire(_ backend: RedisCoordinationBackend) async throws -> [LeaseClaim] {
        guard let nonce = RandomID(bytes: Array(Self.nonceText.utf8)) else {
            throw BenchError("a nonce has 16 bytes")
        }
        let owner = Owner(nonce: nonce, server: "bench", boot: .random())
        let collection = try CollectionName("bench")
        let claims = try (0..<Self.leases).map { number in
            let digits = String(number)
            let key = try Key(String(repeating: "0", count: 12 - digits.count) + digits)
            return LeaseClaim(id: RecordID(collection: collection, key: key), nonce: nonce)
        }
        _ = try await concurrently(claims.count, tasks: 64) { number in
            let request = AcquireRequest(
                id: claims[number].id, owner: owner, lease: .milliseconds(Self.leaseMillis))
            guard case .acquired = try await backend.acquire(request) else {
                throw BenchError("a fresh lease was held")
            }
        }
        return claims
    }
}
