import ArgumentParser

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy everything that the store holds into one file, check it, and put it back.",
        discussion: "Example: holdfast backup create fleet.backup",
        subcommands: [BackupCreateVerb.self, BackupVerifyVerb.self, BackupRestoreVerb.self])
}
