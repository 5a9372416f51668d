import Holdfast

extension Adventure {
    /// The fleet copies profiles now and then, and an operator everything, while the game goes on.
    func keepCopies(of key: Key) async throws {
        try await eventually("the fleet has copied the profile") { try await !players.backups(of: key).isEmpty }
        let copy = try await players.backups(of: key).first
        summary.check(
            try copy?.document()["character"]?["Name"] == "Ann" && copy?.content.userIDs == ["account-\(key)"],
            "the fleet keeps copies of Ann's profile")

        let path = "\(folder)/monday.backup"
        _ = try await server.store.backUp(to: path)
        let spare = InMemoryStore(deployment: "spare")
        _ = try await spare.migrate(GameServer.timings)
        let plan = try await spare.planRestore(of: Backup.verify(path))
        _ = try await spare.restore(from: path, plan: plan)
        let restored = try await spare.read(RecordID(collection: players.name, key: key))
        summary.check(
            restored?.content?.userIDs == ["account-\(key)"], "a backup of everything is put into another store")
    }

    /// Removes all that is kept of a person: profile, history, copies, scores.
    func forget(_ key: Key) async throws {
        let report = try await coordinator.erase(userID: "account-\(key)")
        let gone = try await players.read(key) == nil
        summary.check(gone && !report.records.isEmpty, "Ben is forgotten, as he asked")
    }
}
