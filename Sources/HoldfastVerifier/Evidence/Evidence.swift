/// Everything the rules look at, read once.
struct Evidence {
    let run: RunDescription
    let keys: KeyTable
    let store: StoreImage
    let journals: Journals
    let index: CommitIndex
    let sessions: Sessions
    /// For each key its acknowledged saves, in order of versions.
    let acknowledged: [KeyIndex: [Journals.Saved]]

    init(run: RunDescription, keys: KeyTable, store: StoreImage, journals: Journals) {
        self.run = run
        self.keys = keys
        self.store = store
        self.journals = journals
        self.index = CommitIndex(store)
        self.sessions = Sessions(journals)
        self.acknowledged = Dictionary(grouping: journals.saved, by: \.key).mapValues { saves in
            saves.sorted { $0.version < $1.version }
        }
    }

    /// The size of the evidence, and what can be told from it besides the verdict.
    var seen: Verdict.Seen {
        var seen = Verdict.Seen()
        seen.processes = journals.processes.count
        seen.saves = journals.saved.count
        seen.trades = journals.traded.count + journals.tradeEnds.count { $0.outcome == "committed" }
        seen.deliveries = Set(journals.delivered.map(\.operation)).count
        let trades = TradeRule(self).counts
        (seen.tradesAcross, seen.tradesAborted, seen.tradesUnfinished) = trades
        seen.cancelled = store.operations.count { $0.state == "cancelled" }
        seen.expired = store.operations.count { $0.state == "expired" }
        seen.dead = store.operations.count { $0.state == "dead" }
        seen.steps = store.operations.reduce(0) { $0 + ($1.type == "demo.wage" ? Int(clamping: $1.effects) : 0) }
        seen.applied = journals.applied.count
        seen.refused = journals.refused
        seen.scores = journals.shared.scores.count { $0.fate == .acknowledged }
        seen.announcements = journals.shared.announcements.count { $0.fate == .acknowledged }
        seen.heard = journals.shared.listeners.reduce(0) { $0 + $1.heard.count }
        seen.worlds = store.worlds.keys.count { store.records[$0]?.version ?? 0 > 0 }
        seen.worldSaves = journals.saved.count { $0.balance.builds != nil }
        seen.worldVisits = journals.visited.count
        (seen.worldHandOvers, seen.worldTakeOvers) = sessions.handOvers(of: store.worlds.keys)
        seen.sessions = sessions.all.count
        seen.keys = keys.count
        seen.commits = store.commits.reduce(0) { $0 + $1.count }
        seen.operationsWhileAway = operationsWhileAway
        (seen.overlaps, seen.longestOverlapMillis) = sessions.overlaps
        seen.tornLines = journals.tornLines
        return seen
    }

    private var operationsWhileAway: Int {
        var deliveredAt: [OperationOfKey: Int64] = [:]
        for line in journals.delivered where deliveredAt[line.operation] == nil {
            deliveredAt[line.operation] = line.at
        }
        return store.operations.reduce(0) { count, operation in
            guard operation.state == "applied", let at = deliveredAt[operation.name] else { return count }
            return sessions.isActive(operation.name.key, at: at) ? count : count + 1
        }
    }
}
