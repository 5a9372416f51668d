import ArgumentParser

struct BoardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "board", abstract: "Submit scores to leaderboards and read them.",
        discussion: "Example: holdfast board top arena --count 10 --watch",
        subcommands: [
            BoardSubmitVerb.self, BoardImportVerb.self, BoardTopVerb.self, BoardRankVerb.self, BoardAroundVerb.self,
            BoardCountVerb.self, BoardRemoveVerb.self,
        ])
}

/// A board and a member of it.
struct BoardMemberArguments: ParsableArguments {
    @Argument(help: "The board.")
    var name: String

    @Argument(help: "The member.")
    var member: String
}
