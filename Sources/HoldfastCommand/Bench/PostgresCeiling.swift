import Foundation
import HoldfastPrivateServers
import HoldfastStorage

/// The plainest fast writer on PostgreSQL: pgbench with prepared updates of a fixed number of rows each.
///
/// The payloads stand in the statements, which pgbench prepares once: bytes need not even travel, which makes
/// this ceiling higher than a client that sends them could reach.
struct PostgresCeiling: Sendable {
    private let programs: PostgresPrograms
    private let schema = "holdfast_bench_\(RandomID.random().description.prefix(8))"
    private let script: String
    private let rows: Int
    private let batch: Int

    /// Makes a schema of its own with one row per payload, and the script in `folder`.
    ///
    /// - Parameter payloads: A multiple of `batch`.
    init(programs: PostgresPrograms, folder: TemporaryFolder, payloads: [Payload], batch: Int) throws {
        self.programs = programs
        self.script = folder.file("ceiling.sql")
        self.rows = payloads.count
        self.batch = batch
        let setup = folder.file("setup.sql")
        try """
        CREATE SCHEMA \(schema);
        CREATE TABLE \(schema).record(
            collection text COLLATE "C", key bytea, version bigint, fence bigint, save_id uuid, payload bytea,
            checksum bigint, updated_at bigint, UNIQUE (collection, key));
        ALTER TABLE \(schema).record ALTER COLUMN payload SET STORAGE EXTERNAL;
        INSERT INTO \(schema).record
        SELECT 'bench', convert_to(i::text, 'UTF8'), 1, 1, NULL, '', 0, 0 FROM generate_series(0, \(rows - 1)) AS i;
        """.write(toFile: setup, atomically: true, encoding: .utf8)
        try statements(payloads).write(toFile: script, atomically: true, encoding: .utf8)
        try programs.psql(file: setup)
    }

    /// One update for every `batch` rows.
    private func statements(_ payloads: [Payload]) -> String {
        var text = ""
        for first in stride(from: 0, to: rows, by: batch) {
            // The types are spelled out since GRDB offers a `joined` of its own.
            let list: String = (first..<min(first + batch, rows))
                .map { row -> String in
                    let payload = payloads[(row + 1) % rows]
                    let checksum = Int64(bitPattern: payload.checksum)
                    return "(convert_to('\(row)', 'UTF8'), '\\x\(Self.hex(payload.bytes))'::bytea, \(checksum)::bigint)"
                }
                .joined(separator: ",")
            text += """
                UPDATE \(schema).record AS r SET version = r.version + 1, save_id = gen_random_uuid(),
                payload = v.payload, checksum = v.checksum, updated_at = r.updated_at + 1
                FROM (VALUES \(list)) AS v(key, payload, checksum)
                WHERE r.collection = 'bench' AND r.key = v.key AND r.fence = 1;

                """
        }
        return text
    }

    /// What `ceilingCommand` says.
    func commandLine(seconds: Double) -> String {
        (["pgbench"] + arguments(seconds: seconds)).joined(separator: " ")
            + " (the same bytes, one prepared UPDATE of \(batch) rows a transaction)"
    }

    /// Runs pgbench for about `seconds` and returns rows a second.
    func run(seconds: Double) throws -> Double {
        let output = try programs.pgbench(arguments(seconds: seconds))
        let line = output.split(separator: "\n").first { $0.hasPrefix("tps = ") } ?? ""
        guard let rate = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) }), rate > 0 else {
            throw BenchError("pgbench printed no rate: \(output.suffix(300))")
        }
        return rate * Double(rows)
    }

    /// Removes the schema; a failure is told and leaves it there.
    func remove() {
        do {
            try programs.psql("DROP SCHEMA \(schema) CASCADE")
        } catch {
            Output.complain("holdfast: schema \(schema) could not be removed: \(error)")
        }
    }

    private func arguments(seconds: Double) -> [String] {
        let whole = max(1, Int(seconds.rounded(.up)))
        return ["-n", "-M", "prepared", "-c", "1", "-j", "1", "-T", "\(whole)", "-f", script]
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
