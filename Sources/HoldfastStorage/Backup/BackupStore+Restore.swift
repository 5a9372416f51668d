/// What a restore is going to do, found out before anything is changed.
public struct RestorePlan: Sendable, Equatable {
    /// The backup as it was verified.
    public var backup: BackupSummary
    /// The deployment whose content is replaced.
    public var target: Deployment
    /// Whether the target holds anything that would go.
    public var replaces: Bool
    /// The id that the target has afterwards, and Redis must carry.
    ///
    /// The backup's where an empty deployment of the same name takes its place; else the target keeps its own.
    public var id: RandomID
}

/// What a restore did.
public struct RestoreSummary: Sendable, Equatable {
    /// What was restored.
    public var backup: BackupSummary
    /// Records whose content was left out, since it names a person who was erased after it was written.
    public var erasedRecords: Int
    /// Under what names boards and notification boxes may hold something of people who were erased after the backup.
    ///
    /// They are no part of the restore: give them to ``ScoreBoards/erase(_:removing:)``.
    public var erasedNames: [Key]
    /// What the deployment is now.
    public var identity: RestoredIdentity
}

extension BackupStore {
    /// Finds out what ``restore(from:plan:progress:)`` would do; changes nothing.
    ///
    /// - Parameter backup: What ``Backup/verify(_:progress:)`` said of the file.
    /// - Throws: ``StoreError``: `wrongDeployment` where the target was never migrated or has a layout before 3.
    public func planRestore(of backup: BackupSummary) async throws(StoreError) -> RestorePlan {
        let snapshot = try await openSnapshot()
        let replaces: Bool
        do {
            replaces = try await Self.holdsAnything(snapshot)
        } catch {
            await snapshot.close()
            throw error
        }
        await snapshot.close()
        let (target, source) = (snapshot.deployment, backup.header.deployment)
        let takesPlace = !replaces && source.name == target.name
        return RestorePlan(
            backup: backup, target: target, replaces: replaces, id: takesPlace ? source.id : target.id)
    }

    private static func holdsAnything(_ snapshot: any StoreSnapshot) async throws(StoreError) -> Bool {
        // What operators did is written down before they restore.
        let audit = BackupValue.blob(Array(AuditLog.name.utf8))
        var audits: [BackupValue] = []
        while let rows = try await snapshot.next() {
            for row in rows {
                switch row.table {
                case .erasure: break
                case .space where row["name"] == audit: audits.append(row["number"])
                case .entry where audits.contains(row["space"]): break
                default: return true
                }
            }
        }
        return false
    }

    /// Puts a backup in the place of everything that the deployment holds, durably and all at once.
    ///
    /// The whole file was verified for the plan and is again on the way; all of it is written in one transaction: a
    /// restore that is interrupted, by whatever, changes nothing. In the same transaction every record's fence is
    /// raised and its owner cleared, logs and score tables get new generations, and the deployment one that is higher
    /// than any before, so that sessions from before it end as `storeRestored`; people who were erased after the
    /// backup, as the store remembers, or before it, stay erased. Servers may run: what they write meanwhile waits, or
    /// fails as `unavailable` where that takes too long. Ranks in Redis are rebuilt by their readers.
    ///
    /// - Parameters:
    ///   - path: A file that ``backUp(to:progress:)`` wrote, by this store or one of another kind.
    ///   - plan: What ``planRestore(of:)`` said; a file that was replaced since is refused.
    ///   - progress: Told of each page: its rows.
    /// - Throws: ``StoreError``: `corrupt`, `newerSchema`; what the store throws, `outcomeUnknown` where
    ///   the answer to the commit was lost and the store did not show the restore within a minute: it may do so later.
    ///   `CancellationError`.
    public func restore(
        from path: String, plan: RestorePlan, progress: (_ rows: Int) -> Void = { _ in }
    ) async throws -> RestoreSummary {
        let now = WallClock.milliseconds()
        let known = max(plan.target.generation, plan.backup.header.deployment.generation)
        let identity = RestoredIdentity(
            id: plan.id, generation: Deployment.generation(after: known, now: now), timings: plan.target.timings)
        let replacement = try await beginReplacement()
        var rules: RestoreRules
        do {
            // Once nobody else can write: who is erased from now on is erased from what the restore brought.
            rules = RestoreRules(
                erasures: try await allErasures(), backedUpAt: plan.backup.header.createdAtMillis, now: now)
            let input = try BackupInput(path)
            var decoder = try BackupDecoder { count throws(StoreError) in try input.read(count) }
            while let rows = try decoder.next() {
                try Task.checkCancellation()
                var kept: [BackupRow] = []
                for row in rows {
                    if let row = try rules.apply(row) { kept.append(row) }
                }
                try await replacement.add(kept)
                progress(rows.count)
            }
            guard decoder.summary == plan.backup else {
                throw StoreError(.corrupt, "the backup is not the file any more that was verified")
            }
        } catch {
            await replacement.abandon()
            throw error
        }
        try await commit(replacement, identity)
        return RestoreSummary(
            backup: plan.backup, erasedRecords: rules.erased.count, erasedNames: rules.erasedNames.sorted(),
            identity: identity)
    }

    /// Commits; where the answer is lost, asks until the store tells, for about a minute.
    private func commit(_ replacement: any StoreReplacement, _ identity: RestoredIdentity) async throws(StoreError) {
        do {
            try await replacement.commit(identity)
        } catch {
            guard error.isAmbiguous else {
                await replacement.abandon()
                throw error
            }
            let isFinal = replacement.isFinalOnceAbandoned
            if isFinal { await replacement.abandon() }
            for pause in 0..<6 {
                try? await Task.sleep(for: .seconds(1 << pause))
                guard let found = try? await deployment() else { continue }
                guard found.generation != identity.generation else { return }
                // Not there yet is not never: the server may still be at it.
                guard isFinal else { continue }
                throw StoreError(
                    .unavailable, "the store did not take the restore; nothing was changed", underlying: error)
            }
            throw error
        }
    }

    private func allErasures() async throws(StoreError) -> [Erasure] {
        var all: [Erasure] = []
        while true {
            let page = try await erasures(after: all.last?.userID, limit: DurableStoreLimits.page)
            all += page
            if page.count < DurableStoreLimits.page { return all }
        }
    }
}
