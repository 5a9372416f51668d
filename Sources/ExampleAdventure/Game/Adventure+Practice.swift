import Holdfast

extension Adventure {
    /// Changes single places; whoever watches the session hears of each, with path, reason and source.
    func practise(_ session: Session<Player>) async throws {
        let changes = session.changes()
        try session.set("red", at: "character.Appearance.hair", reason: "barber")
        try session.append("Dash", to: "character.Moves", reason: "lesson")
        try session.add(500, to: "character.Stats.Strength", in: 1...100, clamping: true, reason: "potion")
        var heard: [String] = []
        for await change in changes {
            if let reason = change.record.reason { heard.append(reason) }
            if change.record.path == "character.Stats.Strength" { break }
        }
        let character = session.document.character
        summary.check(
            heard == ["barber", "lesson", "potion"] && character.appearance["hair"] == "red"
                && character.moves == ["BasicAttack", "Dash"] && character.stats.strength == 100,
            "hair, moves and strength change one by one, and each change is heard of")

        do {
            try session.edit { $0.profile.level = 0 }
            summary.check(false, "a level of 0 is refused")
        } catch let error as ProfileError {
            summary.check(
                error.code == .badInput && session.document.profile.level == 3
                    && session.audit.contains { $0.reason == "potion" },
                "a level of 0 is refused and not in the session's audit, unlike the potion")
        }

        async let first: Void = fight(session)
        async let second: Void = fight(session)
        _ = try await (first, second)
        summary.check(session.document.statistics.enemiesDefeated == 2, "two fights are fought one after the other")
    }

    /// Takes its time between looking and writing: the lock keeps other fights out until it is over.
    private func fight(_ session: Session<Player>) async throws {
        try await session.withLock("fight") {
            let before = session.document.statistics.enemiesDefeated
            try await Task.sleep(for: .milliseconds(5))
            try session.edit { $0.statistics.enemiesDefeated = before + 1 }
        }
    }
}
