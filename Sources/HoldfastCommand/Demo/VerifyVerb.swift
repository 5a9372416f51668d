import ArgumentParser
import Foundation
import HoldfastVerifier

/// `holdfast verify`: judges a kept run again.
struct VerifyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Judge a finished demo run from its journals, the commit log and the store.",
        discussion: """
            A demo keeps what it found wrong or did not verify, and removes the rest. Example:
              holdfast verify --journals /tmp/holdfast-demo-1f2e3d/journals
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Folder with run.json and the journals (default: those of the newest run that was kept).",
            valueName: "folder"))
    var journals: String?

    func deadline(timeout: Duration) throws -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        let folder = try journals.map { FileContent.absolute($0) } ?? Self.newest()
        let run = try RunFile.read(folder: folder)
        // The run names its own store, unless the operator names one.
        let isExplicit = invocation.settings.shown[.store].map { $0.source != .byDefault } ?? false
        let store = isExplicit ? invocation.settings.store.description : run.store
        let verdict = try DemoJudgement.verify(
            journals: folder, store: store, password: invocation.settings.storePassword, deployment: run.deployment)
        try invocation.output.print(["journals": .string(folder), "verification": DemoJudgement.document(verdict)]) {
            ([TerminalText.escaped(folder)] + DemoJudgement.lines(verdict, style: .standardOutput))
                .joined(separator: "\n")
        }
        guard verdict.ok else {
            try invocation.output.flush()
            Output.complain("holdfast: the verification failed; see \(folder)")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }

    private static func newest() throws(CommandError) -> String {
        guard let newest = RunFolder.newestKept() else {
            throw CommandError(
                .notFound,
                "no finished demo run is kept in \(RunFolder.parent), since a run that verifies is removed; "
                    + "name the folder of another with --journals")
        }
        return newest.journals
    }
}
