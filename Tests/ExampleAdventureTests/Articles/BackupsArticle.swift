import Holdfast

/// The programs of "Backups", "Privacy", "Embed" and "Operate", to be compiled.
enum BackupsArticle {
    struct Player: Codable, Sendable {}

    struct Lobby {
        var acceptsPlayers = true
    }

    static func periodic(_ configuration: inout CoordinatorConfiguration, secondStore: any DurableStore) {
        configuration.backups = BackupPolicy(every: .seconds(86_400), keep: 5, in: secondStore)
    }

    static func copies(_ players: ProfileCollection<Player>) async throws {
        let copies = try await players.backups(of: 42)  // newest first
        if let newest = copies.first { print(try await players.restore(42, from: newest)) }
    }

    static func erasure(_ coordinator: Coordinator) async throws {
        let report = try await coordinator.erase(userID: "account-17")
        print(report.records.map(\.id), report.scores.scores, report.historyVersions)
    }

    static func audit(_ store: any DurableStore) async throws {
        let log = AuditLog(of: store)
        let begun = try await log.begin(
            AuditAction(
                user: "console", host: "admin-1", verb: "grant coins", target: "players/42", reason: "ticket 1234"))
        // … the change itself …
        try await log.end(begun, outcome: "done")
    }

    static func lasting(_ players: ProfileCollection<Player>) async throws {
        let session = try await players.open(Key(42))
        let end = await session.waitUntilEnded()  // in a task of its own
        // .closed, .handedOver(to:), .drained, .lost(…): the player is no longer this server's
        use(end)
    }

    static func health(_ coordinator: Coordinator) async {
        var lobby = Lobby()
        for await health in coordinator.healthUpdates() {
            lobby.acceptsPlayers = !health.isCritical  // what is open goes on
        }
    }
}
