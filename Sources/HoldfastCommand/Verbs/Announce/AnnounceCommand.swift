import ArgumentParser

struct AnnounceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "announce", abstract: "Publish to every server, and hear what is published.",
        discussion: "Example: holdfast announce tail news",
        subcommands: [AnnouncePublishVerb.self, AnnounceTailVerb.self])
}
