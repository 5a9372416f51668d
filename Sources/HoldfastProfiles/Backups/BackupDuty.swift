import HoldfastStorage

/// Goes through all profiles and copies those that were saved since the last time.
struct BackupDuty: Sendable {
    /// Profiles looked at in one page.
    static let page = 100
    private static let position = "holdfast:backup"

    let policy: BackupPolicy
    let store: any DurableStore
    let vault: BackupVault
    let metrics: ProfileMetrics
    let diagnostics: Diagnostics

    /// Takes the round that is due to its end, or does nothing.
    func turn(now: Int64 = WallClock.milliseconds()) async throws {
        let name = try SpaceName(Self.position)
        let stored = try await store.definition(name)
        let last = stored.flatMap { try? CanonicalJSON.parse($0.value) }.flatMap { BackupRound($0) }
        guard var round = BackupRound.next(after: last, every: policy.every.wholeMilliseconds, now: now) else { return }
        var version = stored?.version ?? 0
        func keep() async throws {
            guard
                case .stored(let next) = try await store.putDefinition(
                    name, value: try CanonicalJSON.write(round.document), ifVersion: version)
            else { throw StoreError(.unavailable, "another server is at the same round of backups") }
            version = next
        }
        for collection in try await store.collections().map(\.name) {
            if collection.description == BackupVault.collection { continue }
            if let after = round.after, collection < after.collection { continue }
            while true {
                try Task.checkCancellation()
                let after = round.after.flatMap { $0.collection == collection ? $0.key : nil }
                let page = try await store.list(collection, startingWith: [], after: after, limit: Self.page)
                for summary in page where summary.updatedAtMillis >= round.since {
                    let id = RecordID(collection: collection, key: summary.key)
                    _ = try await diagnostics.inStep(.session("copy", of: id), outcome: \.self) {
                        try await copy(id, round)
                    }
                }
                guard let last = page.last else { break }
                round.after = RecordID(collection: collection, key: last.key)
                try await keep()
                if page.count < Self.page { break }
                // In between others get their turn at the store.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        round.after = nil
        round.isOver = true
        try await keep()
    }

    /// Copies what a record holds, unless it was copied before; which of the two, in one word.
    private func copy(_ id: RecordID, _ round: BackupRound) async throws -> String {
        guard let whole = try await read(id, round), let copy = try await vault.add(whole, keep: policy.keep) else {
            return "unchanged"
        }
        // Whoever erased the record meanwhile may have looked for copies before there was this one.
        if try await store.read(id)?.content == nil {
            _ = try await vault.store.erase(copy)
            return "erased"
        }
        metrics.profileBackups.increment()
        return "copied"
    }

    /// Nil where there is nothing, or what is saved too often to be read as of one version: the next round finds that.
    private func read(_ id: RecordID, _ round: BackupRound) async throws -> WholeRecord? {
        do {
            return try await store.whole(id)
        } catch {
            if let record = try await store.read(id), record.updatedAtMillis >= round.nextSince { return nil }
            throw error
        }
    }
}

extension Coordinator {
    /// Takes part in periodic backups where the configuration asks for them.
    func addBackups() throws(ProfileError) {
        guard let policy = host.configuration.backups else { return }
        try policy.validate()
        let duty = BackupDuty(
            policy: policy, store: host.store, vault: host.backupVault, metrics: host.metrics,
            diagnostics: host.diagnostics)
        try addDuty(name: "backups", every: min(policy.every, .seconds(60))) { try await duty.turn() }
    }
}

extension SessionHost {
    /// Where this server finds and puts copies of profiles.
    var backupVault: BackupVault {
        BackupVault(configuration.backups?.store ?? store, owner: identity.owner(nonce: .random()))
    }
}
