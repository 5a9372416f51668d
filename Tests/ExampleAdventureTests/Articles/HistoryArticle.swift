import Holdfast

/// The programs of "History", to be compiled.
enum HistoryArticle {
    struct Player: Codable, Sendable {}

    static func versions(_ players: ProfileCollection<Player>, millis: Int64) async throws {
        let history = players.history(Key(42))
        for entry in try await history.entries() {
            print(entry.version, entry.updatedAtMillis, entry.reason ?? "hourly")
        }
        let kept = try await history.keepCurrent(reason: "before the event")  // whoever has it open

        let yesterday = try await players.version(.at(millis), of: Key(42))  // a Player, migrated in memory
        let changes = try await history.difference(from: .version(17))  // against what is stored now
        for change in changes { print(change.path, change.old as Any, change.new as Any) }
        use(kept, yesterday)
    }

    static func restore(_ players: ProfileCollection<Player>) async throws {
        let receipt = try await players.restore(Key(42), to: .version(17))
        print("version", receipt.restored, "is back as", receipt.version, "and replaced", receipt.replaced as Any)
        print("gone from the data:", receipt.undoneOperations)
    }
}
