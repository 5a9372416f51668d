import Foundation
import TestServers
import Testing

@Suite struct BenchVerbTests {
    @Test("rows that rest on Redis' own counts hold in any build, and the others measure something")
    func rows() async throws {
        let tool = try Tool()
        let run = try await tool.run(
            "bench", "queue", "announcement", "--seconds", "0.1", "--json", patience: .seconds(180))
        #expect(run.status == 0, "\(run.errors)")
        var rows: [String: [String: Any]] = [:]
        for line in run.lines {
            let row = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            rows[row["name"] as? String ?? ""] = row
        }
        #expect(rows["queue-one"]?["ours"] as? Double == 3)
        #expect(rows["queue-batch"]?["ratio"] as? Double ?? 1 <= 0.5)
        for name in ["queue-durable", "announcement"] { #expect(rows[name]?["ratio"] as? Double ?? 0 > 0) }
    }

    @Test("the size of a world is measured on the export that is named, and skipped without one")
    func worldSize() async throws {
        let tool = try Tool()
        let file = tool.folder.file("world.jsonl")
        let runs = (0..<40).map { "[\($0 % 5),\($0 == 39 ? 217 : 1)]" }.joined(separator: ",")
        try "{\"x\":0,\"z\":0,\"blocks\":[\(runs)]}\n".write(toFile: file, atomically: true, encoding: .utf8)
        let measured = try await tool.run("bench", "world-size", "--terrain", file, "--seconds", "0.1", "--json")
        #expect(measured.status == 0, "\(measured.errors)")
        #expect(try measured.json()["ratio"] as? Double ?? 1 < 1)
        let skipped = try await tool.run("bench", "world-size", "--json")
        #expect(skipped.status == 0 && skipped.output.isEmpty && skipped.errors.contains("skipped"))
    }
}
