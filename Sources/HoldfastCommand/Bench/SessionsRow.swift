import Foundation
import HoldfastPrivateServers
import HoldfastSQLite
import HoldfastStorage
import Logging

/// Resident memory of an open session: a child process opens 10,000 of them and compares itself with before.
struct SessionsRow: Sendable {
    private static let sessions = 10_000
    /// What a session with a document of 1 KB may take.
    private static let limitBytes = 12 * 1_024.0

    /// Stores the documents, then asks five children one after the other.
    func run(_ context: BenchContext) async throws -> BenchRow {
        let folder = try TemporaryFolder()
        let path = folder.file("holdfast.sqlite")
        try await BenchServer.with(
            store: try SQLiteStore(path: path, deployment: "bench"), texts: 1, logger: context.logger
        ) { documents in
            _ = try await concurrently(Self.sessions, tasks: 100) { number in
                let session = try await documents.open(Key(number))
                try await session.save()
                try await session.close()
            }
        }
        var pairs: [BenchPair] = []
        for _ in 0..<BenchPair.count {
            try Task.checkCancellation()
            let output = try ChildProcess.output(
                of: "/proc/self/exe", ["bench", "--sessions-child", path], patience: .seconds(120))
            guard let bytes = output.split(separator: "\n").last.flatMap({ Double($0) }) else {
                throw BenchError("the measured process printed no figure: \(output.suffix(300))")
            }
            pairs.append(BenchPair(ours: bytes, ceiling: Self.limitBytes))
            context.finishedPair()
        }
        return BenchRow(
            name: BenchName.sessions.rawValue, unit: "bytes",
            ceilingCommand: "a fixed limit; ours is the growth of VmRSS over \(Self.sessions) sessions of 1 KB",
            pairs: pairs)
    }

    /// The child's part: opens every stored document and returns the bytes that each has added.
    func measure(_ path: String, logger: Logger) async throws -> Int {
        try await BenchServer.with(store: try SQLiteStore(path: path, deployment: "bench"), texts: 1, logger: logger) {
            documents in
            // What the first session allocates for all of them is not a session's.
            try await documents.open(Key(0)).close()
            let before = try Self.residentBytes()
            let sessions = try await concurrently(Self.sessions, tasks: 100) { try await documents.open(Key($0)) }
            let after = try Self.residentBytes()
            return (after - before) / sessions.count
        }
    }

    /// VmRSS of this process.
    private static func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        guard let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw BenchError("/proc/self/status names no VmRSS")
        }
        return kilobytes * 1_024
    }
}
