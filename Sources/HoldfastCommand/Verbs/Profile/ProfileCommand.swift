import ArgumentParser

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Read and write profiles.",
        discussion: "Example: holdfast profile get players 42",
        subcommands: [
            ProfileListVerb.self, ProfileGetVerb.self, ProfilePutVerb.self, ProfileDeleteVerb.self,
            ProfileImportVerb.self, ProfileExportVerb.self, ProfileLeaseVerb.self, ProfileUnlockVerb.self,
            ProfileRepairVerb.self,
        ])
}
