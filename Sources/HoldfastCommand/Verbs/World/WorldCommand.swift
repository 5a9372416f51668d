import ArgumentParser

struct WorldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world", abstract: "Look at players' worlds, and move them in and out.",
        discussion: "Example: holdfast world info 42",
        subcommands: [
            WorldListVerb.self, WorldInfoVerb.self, WorldImportVerb.self, WorldExportVerb.self, WorldDeleteVerb.self,
        ])
}
