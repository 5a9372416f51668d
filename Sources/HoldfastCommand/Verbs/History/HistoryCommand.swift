import ArgumentParser

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Look at kept versions of a profile and bring one back.",
        discussion: "Example: holdfast history list players 42",
        subcommands: [
            HistoryListVerb.self, HistoryGetVerb.self, HistoryDiffVerb.self, HistorySnapshotVerb.self,
            HistoryRestoreVerb.self,
        ])
}
