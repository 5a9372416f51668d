import Foundation
import GRDB
import HoldfastPrivateServers
import HoldfastSQLite
import HoldfastStorage

/// A look at one receipt in a store of a million, against one of a thousand.
struct ReceiptsRow: Sendable {
    private static let many = 1_000_000
    private static let few = 1_000
    private static let profiles = 1_000

    /// Both stores side by side.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let folder = try TemporaryFolder()
        let large = try await store(folder.file("large.sqlite"), receipts: Self.many)
        let small = try await store(folder.file("small.sqlite"), receipts: Self.few)
        let pairs = try await BenchPair.measure(
            progress: context.finishedPair,
            ours: { try await Self.measure(large, receipts: Self.many, seconds: context.seconds) },
            ceiling: { try await Self.measure(small, receipts: Self.few, seconds: context.seconds) }
        )
        await large.close()
        await small.close()
        return BenchRow(
            name: BenchName.receipts.rawValue, unit: "µs",
            ceilingCommand: "the same look-up among 1,000 receipts instead of 1,000,000, SQLite", pairs: pairs)
    }

    /// One operation is delivered and settled through the store; the others are copies of its receipt, made in one
    /// statement, since a million commits would take minutes.
    private func store(_ path: String, receipts: Int) async throws -> SQLiteStore {
        let store = try SQLiteStore(path: path, deployment: "bench")
        _ = try await store.migrate(DeploymentTimings())
        let record = try Self.record(0)
        _ = try await store.execute([
            .deliver(Delivery(record: record, id: try Self.id(0), type: "reward", payload: Array(#"{"coins":1}"#.utf8)))
        ])
        guard try await store.cancelOperation(try Self.id(0), of: record) == .cancelled else {
            throw BenchError("an operation could not be settled")
        }
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            let columns = try database.columns(in: "operation").map(\.name).filter {
                !["sequence", "key", "id"].contains($0)
            }
            let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
            try database.execute(
                sql: """
                    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?)
                    INSERT INTO operation (key, id, \(list))
                    SELECT CAST(CAST(n % ? AS TEXT) AS BLOB), CAST('receipt-' || n AS BLOB), \(list)
                    FROM number CROSS JOIN (SELECT \(list) FROM operation LIMIT 1)
                    """, arguments: [receipts, Self.profiles])
        }
        try queue.close()
        // Looks like any other, or the copies are not what the store makes.
        guard let last = try await store.operation(Self.id(receipts - 1), of: Self.record(receipts - 1)),
            last.state == .cancelled
        else { throw BenchError("a copied receipt is not found") }
        return store
    }

    private static func record(_ number: Int) throws -> RecordID {
        RecordID(collection: try CollectionName("bench"), key: Key(number % profiles))
    }

    private static func id(_ number: Int) throws -> OperationID {
        try OperationID("receipt-\(number)")
    }

    /// Looks up randomly chosen receipts one after the other; returns the time of one in microseconds.
    private static func measure(_ store: SQLiteStore, receipts: Int, seconds: Double) async throws -> Double {
        var generator = SeededGenerator(seed: .random(in: 0 ... .max))
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        var count = 0
        while clock.now < end {
            let number = Int(generator.next() % UInt64(receipts))
            guard try await store.operation(id(number), of: record(number)) != nil else {
                throw BenchError("a receipt is missing")
            }
            count += 1
        }
        return (clock.now - start) / .microseconds(1) / Double(count)
    }
}
