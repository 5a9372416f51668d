import Foundation
import GRDB
import HoldfastStorage

/// The plainest fast writer on SQLite: one prepared update, one connection, a fixed number of rows a transaction.
///
/// WAL and `synchronous=FULL`, as our own store. It writes payloads that were made before, so what it leaves
/// out is all that makes a save safe to use: sessions, encoding, compression, checksums, grouping.
struct SQLiteCeiling: Sendable {
    /// What `ceilingCommand` says.
    static let description = "one prepared UPDATE of the same bytes, 100 rows a transaction, WAL, synchronous=FULL"

    private let queue: DatabaseQueue
    private let payloads: [Payload]

    /// Makes a database with one row per payload.
    init(path: String, payloads: [Payload]) throws {
        self.payloads = payloads
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        self.queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE record(
                        collection TEXT, key BLOB, version INTEGER, fence INTEGER, save_id BLOB, payload BLOB,
                        checksum INTEGER, updated_at INTEGER, UNIQUE(collection, key))
                    """)
            let insert = try database.makeStatement(
                sql: "INSERT INTO record VALUES ('bench', ?, 1, 1, NULL, ?, 0, 0)")
            for (row, payload) in payloads.enumerated() {
                try insert.execute(arguments: [Self.key(row), Data(payload.bytes)])
            }
        }
    }

    /// Writes batches for `seconds` and returns rows a second.
    func run(seconds: Double, batch: Int) async throws -> Double {
        try await queue.writeWithoutTransaction { database in
            let update = try database.makeStatement(
                sql: """
                    UPDATE record SET version = version + 1, save_id = ?, payload = ?, checksum = ?, updated_at = ?
                    WHERE collection = 'bench' AND key = ? AND fence = 1
                    """)
            let values = payloads.map { Data($0.bytes) }
            let keys = payloads.indices.map(Self.key)
            let clock = ContinuousClock()
            let start = clock.now
            let end = start.advanced(by: .seconds(seconds))
            var written = 0
            while clock.now < end {
                try database.inTransaction(.immediate) {
                    for _ in 0..<batch {
                        let row = written % keys.count
                        // Another row's bytes each time round, so that no write repeats what is there.
                        let source = (row + 1 + written / keys.count) % keys.count
                        try update.execute(arguments: [
                            Data(RandomID.random().bytes), values[source],
                            Int64(bitPattern: payloads[source].checksum), Int64(written), keys[row],
                        ])
                        written += 1
                    }
                    return .commit
                }
            }
            return Double(written) / ((clock.now - start) / .seconds(1))
        }
    }

    /// Closes the database.
    func close() throws {
        try queue.close()
    }

    private static func key(_ row: Int) -> Data { Data(Key(row).bytes) }
}
