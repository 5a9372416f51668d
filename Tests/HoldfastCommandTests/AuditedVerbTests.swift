import ArgumentParser
import Testing

@testable import HoldfastCommand

@Suite struct AuditedVerbTests {
    /// Verbs that change nothing that others rely on, and those of runs with deployments of their own.
    private static let looking: Set<String> = [
        "demo", "verify", "demo-server", "keeper", "bench", "status", "doctor", "version", "config show", "usage",
        "audit list", "server list", "collection list", "profile list", "profile get", "profile export",
        "profile lease", "session list", "session show", "history list", "history get", "history diff",
        "sorted-map get", "sorted-map range", "sorted-map size", "hash-map get", "hash-map list", "hash-map size",
        "board top", "board rank", "board around", "board count", "board list", "board seasons", "announce tail",
        "queue read", "queue size", "queue peek", "queue dead", "ticket list", "world list", "world export",
        "world info", "op list", "op show", "op dead", "backup create", "backup verify",
    ]

    private static func leaves(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        let choices = command.configuration.subcommands
        return choices.isEmpty ? [command] : choices.flatMap { leaves(of: $0) }
    }

    @Test("every verb that changes something is audited, and every other one is known to change nothing")
    func complete() throws {
        for verb in Self.leaves(of: MainCommand.self) {
            let name = try #require(VerbPath.name(of: verb))
            #expect((verb is any AuditedVerb.Type) != Self.looking.contains(name), "\(name)")
        }
        #expect(VerbPath.name(of: ProfilePutVerb.self) == "profile put")
    }

    @Test("a run that only tells what it would do is not audited")
    func dryRun() throws {
        let command = try MainCommand.parseAsRoot(["profile", "delete", "players", "42", "--dry-run"])
        #expect(try (command as? any AuditedVerb)?.auditRecorder() == nil)
        let real = try MainCommand.parseAsRoot(["profile", "delete", "players", "42", "--yes"])
        #expect((real as? any AuditedVerb)?.auditTarget == "players/42")
    }

    @Test("what ended is told in one word")
    func words() {
        func word(_ error: any Error) -> String { AuditRecorder.word(for: .failure(error)) }
        #expect(AuditRecorder.word(for: .success(())) == "done")
        #expect(word(CommandError(.held, "x")) == "held")
        #expect(word(ExitCode(65)) == "exit 65")
        #expect(word(ExitCode(130)) == "interrupted" && word(CommandError.interrupted) == "interrupted")
    }
}
