import HoldfastReplication
import HoldfastStorage

/// A patch for one changed value whose path is known: of a public document of 1 MB against one of 1 KB.
struct ReplicationRow: Sendable {
    private static let smallItems = 16
    private static let largeItems = 17_000

    /// Measures the row in this process alone.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let large = try Self.publisher(items: Self.largeItems)
        let small = try Self.publisher(items: Self.smallItems)
        let pairs = try await BenchPair.measure(
            progress: context.finishedPair,
            ours: { try Self.measure(large, items: Self.largeItems, seconds: context.seconds) },
            ceiling: { try Self.measure(small, items: Self.smallItems, seconds: context.seconds) }
        )
        return BenchRow(
            name: BenchName.replicationPatch.rawValue, unit: "µs",
            ceilingCommand: "the same patch of a document of 1 KB instead of 1 MB", pairs: pairs)
    }

    /// About 60 bytes for each item.
    private static func publisher(items: Int) throws -> Publisher {
        var stacks = JSONObject()
        for number in 0..<items {
            stacks["stack-\(number)"] = ["count": .integer(0), "kind": "iron-ore", "owner": .integer(7)]
        }
        return try Publisher(
            paths: ["items", "name"], document: ["items": .object(stacks), "name": "bench", "email": "hidden"])
    }

    /// Publishes changes of randomly chosen items one after the other; returns the time of one in microseconds.
    private static func measure(_ publisher: Publisher, items: Int, seconds: Double) throws -> Double {
        var generator = SeededGenerator(seed: 1)
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        var count: Int64 = 0
        while clock.now < end {
            for _ in 0..<100 {
                count += 1
                let path = DocumentPath("items.stack-\(Int(generator.next() % UInt64(items))).count")
                let message = try publisher.publish(
                    JSONPatch([.replace(path, .integer(publisher.position.revision + 1))]))
                guard message != nil else { throw BenchError("a changed value was not published") }
            }
        }
        return (clock.now - start) / .microseconds(1) / Double(count)
    }
}
