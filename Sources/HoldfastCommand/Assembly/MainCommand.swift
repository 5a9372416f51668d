import ArgumentParser

/// `holdfast`: the list of its verbs.
struct MainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holdfast",
        abstract: "Share player data between game servers without losing any of it.",
        discussion: """
            Without settings it uses a private Redis and SQLite in the data folder. Example:
              holdfast profile put players 42 player.json --data-dir ./data
            """,
        subcommands: [
            DemoVerb.self, VerifyVerb.self, DemoServerVerb.self,
            StatusVerb.self, DoctorVerb.self, MigrateVerb.self, ConfigCommand.self, VersionVerb.self, BenchVerb.self,
            ServerCommand.self, CollectionCommand.self, ProfileCommand.self, SessionCommand.self,
            HistoryCommand.self,
            UsageVerb.self,
            AuditCommand.self,
            EraseVerb.self,
            SortedMapCommand.self, HashMapCommand.self,
            BoardCommand.self,
            AnnounceCommand.self,
            QueueCommand.self,
            TicketCommand.self,
            WorldCommand.self,
            OpCommand.self,
            BackupCommand.self,
            KeeperCommand.self,
        ])
}
