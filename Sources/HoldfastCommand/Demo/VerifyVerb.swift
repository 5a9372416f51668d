import ArgumentParser
import Foundation
import HoldfastVerifier

/// `holdfast verify`: judges a kept run again.
struct VerifyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Judge a finished demo run from its journals, the commit log and the store.",
        discussion: "Example: holdfast verify --journals /tmp/holdfast-demo-1f2e3d/journals")

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Folder with run.json and the journals (default: journals in the data folder).", valueName: "folder"))
    var journals: String?

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let folder =
            if let journals { FileContent.absolute(journals) } else {
                "\(try invocation.settings.requiredDataDirectory())/journals"
            }
        let run = try await RunFile.read(folder: folder)
        // The run names its own store, unless the operator names one.
        let isExplicit = invocation.settings.shown[.store].map { $0.source != .byDefault } ?? false
        let store = isExplicit ? invocation.settings.store.description : run.store
        let verdict = try DemoJudgement.verify(
            journals: folder, store: store, password: invocation.settings.storePassword, deployment: run.deployment)
        try invocation.output.print(["verification": DemoJudgement.document(verdict)]) {
            DemoJudgement.lines(verdict, style: .standardOutput).joined(separator: "\n")
        }
        guard verdict.ok else {
            try invocation.output.flush()
            Output.complain("holdfast: the verification failed; see \(folder)")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
