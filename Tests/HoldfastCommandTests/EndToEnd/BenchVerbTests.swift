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
}
