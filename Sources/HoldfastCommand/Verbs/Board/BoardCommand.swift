import ArgumentParser

struct BoardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "board", abstract: "Create leaderboards, submit scores and read them.",
        discussion: """
            A board is created once, by `board create` or by a server. Example:
              holdfast board top arena --count 10 --watch
            """,
        subcommands: [
            BoardSubmitVerb.self, BoardImportVerb.self, BoardTopVerb.self, BoardRankVerb.self, BoardAroundVerb.self,
            BoardCountVerb.self, BoardRemoveVerb.self,
            BoardCreateVerb.self, BoardListVerb.self, BoardSeasonsVerb.self, BoardRebuildVerb.self,
        ])
}

/// A board and a member of it.
struct BoardMemberArguments: ParsableArguments {
    @Argument(help: "The board.")
    var name: String

    @Argument(help: "The member.")
    var member: String
}
