import Foundation
import TestServers

/// The built executable with a data folder of its own.
final class Tool: Sendable {
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
        let took: Duration

        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The last line of standard output as a JSON object.
        func json() throws -> [String: Any] {
            guard let line = lines.last,
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            else { throw TestServerError("no JSON object on standard output: \(output) \(errors)") }
            return object
        }

        /// The word in `{"error":{"code"}}`.
        func errorCode() throws -> String? {
            (try json()["error"] as? [String: Any])?["code"] as? String
        }
    }

    let folder: TemporaryFolder
    let environment: [String: String]

    /// `environment` is added to the test's own, in which nothing of Holdfast is set.
    ///
    /// Verbs get a minute, so that a machine that stands still for some seconds does not decide how they end.
    init(environment: [String: String] = [:], folder: TemporaryFolder? = nil) throws {
        self.folder = try folder ?? TemporaryFolder()
        self.environment = ["HOLDFAST_TIMEOUT": "60s"].merging(environment) { $1 }
    }

    var dataFolder: String { folder.file("data") }

    /// The executable lies beside the test bundle.
    static var executable: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let path = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("holdfast").path
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw TestServerError("the executable is not built: \(path)")
            }
            return path
        }
    }

    /// Runs a verb to its end in the tool's data folder.
    func run(
        _ arguments: String..., input: String? = nil, patience: Duration = .seconds(120)
    ) async throws -> Outcome {
        try await run(arguments, input: input, patience: patience)
    }

    /// Runs a verb to its end in the tool's data folder.
    func run(
        _ arguments: [String], input: String? = nil, patience: Duration = .seconds(120)
    ) async throws -> Outcome {
        let scratch = try TemporaryFolder()
        try Data((input ?? "").utf8).write(to: URL(fileURLWithPath: scratch.file("in")))
        let began = ContinuousClock.now
        let child = try start(arguments, in: scratch)
        try await eventually("holdfast \(arguments.joined(separator: " ")) ends", within: patience) { !child.isRunning }
        let status = child.stop()
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: scratch.file(name), encoding: .utf8)) ?? ""
        }
        return Outcome(status: status, output: text("out"), errors: text("err"), took: .now - began)
    }

    /// Starts a verb; its output goes to `out` and `err` in `scratch`, its input comes from `in`.
    func start(_ arguments: [String], in scratch: TemporaryFolder) throws -> ChildProcess {
        if !FileManager.default.fileExists(atPath: scratch.file("in")) {
            try Data().write(to: URL(fileURLWithPath: scratch.file("in")))
        }
        return try ChildProcess(
            "/bin/sh",
            ["-c", "exec \"$0\" \"$@\" <in >out 2>err", try Self.executable] + arguments,
            environment: ["HOLDFAST_DATA_DIR": dataFolder].merging(environment) { $1 }, folder: scratch.path,
            logPath: scratch.file("log"))
    }
}
