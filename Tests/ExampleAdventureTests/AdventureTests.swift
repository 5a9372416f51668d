import Foundation
import TestServers
import Testing

@Suite struct AdventureTests {
    /// The executable lies beside the test bundle.
    private static func executable() throws -> String {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("ExampleAdventure").path
    }

    @Test("the adventure is played to its good end, with a Redis of its own")
    func ownRedis() async throws {
        let folder = try TemporaryFolder()
        let output = try await play(in: folder)
        #expect(output.hasSuffix("the adventure ends well\n"), "\(output)")
        #expect(!output.contains("FAIL"), "\(output)")
        // It leaves nothing behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { $0 == "log" })
    }

    @Test("the adventure is played on a Redis that is there")
    func givenRedis() async throws {
        let redis = try await RedisProcess.start()
        let output = try await play([redis.socketPath], in: TemporaryFolder())
        #expect(output.hasSuffix("the adventure ends well\n"), "\(output)")
    }

    private func play(_ arguments: [String] = [], in folder: TemporaryFolder) async throws -> String {
        let log = folder.file("log")
        let child = try ChildProcess(
            try Self.executable(), arguments, environment: ["TMPDIR": folder.path], folder: folder.path, logPath: log)
        try await eventually("the adventure ends", within: .seconds(180)) { !child.isRunning }
        #expect(child.stop() == 0)
        return try String(contentsOfFile: log, encoding: .utf8)
    }
}
