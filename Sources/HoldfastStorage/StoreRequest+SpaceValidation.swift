// What logs, score tables and definitions may be given.

extension AppendRequest {
    /// Checks what every backend relies on.
    func validate() throws(StoreError) {
        guard (1...Self.maximumEntries).contains(entries.count) else {
            throw StoreError(.badInput, "a request appends 1 to \(Self.maximumEntries) entries, not \(entries.count)")
        }
        guard entries.count == 1 || Set(entries.map(\.id)).count == entries.count else {
            throw StoreError(.badInput, "a request appends each entry only once")
        }
        guard limit.map({ $0 >= 1 }) ?? true else { throw StoreError(.badInput, "the limit of a log is at least 1") }
        for entry in entries {
            guard entry.value.count <= LogEntry.maximumValueBytes else {
                throw StoreError(
                    .badInput, "an entry has at most \(LogEntry.maximumValueBytes) bytes, not \(entry.value.count)")
            }
            guard entry.priority.isFinite else { throw StoreError(.badInput, "a priority is a finite number") }
            if let time = entry.timeToLiveMillis, !(1...LogEntry.maximumTimeToLiveMillis).contains(time) {
                throw StoreError(.badInput, "an entry lives 1 ms to 400 days, or for ever")
            }
        }
    }
}

extension TrimRequest {
    /// Checks what every backend relies on.
    func validate() throws(StoreError) {
        guard case .ids(let ids) = which, ids.count > Self.maximumIDs else { return }
        throw StoreError(.badInput, "a request removes at most \(Self.maximumIDs) entries by id, not \(ids.count)")
    }
}

extension ScoreBatch {
    /// Checks what every backend relies on.
    func validate() throws(StoreError) {
        guard (1...Self.maximumSubmissions).contains(submissions.count) else {
            throw StoreError(
                .badInput, "a batch has 1 to \(Self.maximumSubmissions) submissions, not \(submissions.count)")
        }
        for submission in submissions { try submission.validate() }
    }
}

extension ScoreSubmission {
    /// The load of one submission, counted in bytes of a payload.
    var groupBytes: Int { 512 + (metadata?.count ?? 0) }

    /// Checks what every backend relies on.
    func validate() throws(StoreError) {
        if let metadata, !(1...Self.maximumMetadataBytes).contains(metadata.count) {
            throw StoreError(.badInput, "metadata has 1 to \(Self.maximumMetadataBytes) bytes, not \(metadata.count)")
        }
        if case .metadata = action, metadata == nil {
            throw StoreError(.badInput, "a change of metadata brings metadata")
        }
        guard (conditions.maximumSubmissions ?? 1) >= 1, (conditions.maximumMembers ?? 1) >= 1 else {
            throw StoreError(.badInput, "the most submissions or members are at least 1")
        }
        guard (1...Self.maximumCount).contains(count) else {
            throw StoreError(.badInput, "one submission stands for 1 to \(Self.maximumCount), not \(count)")
        }
        guard (recordVersion ?? 1) >= 1 else { throw StoreError(.badInput, "a record's version is at least 1") }
    }
}

extension CommitRequest {
    /// Checks what every backend relies on.
    func validateProjections() throws(StoreError) {
        guard !projections.isEmpty else { return }
        guard projections.count <= Self.maximumProjections else {
            throw StoreError(
                .badInput, "a commit has at most \(Self.maximumProjections) projections, not \(projections.count)")
        }
        var members: [SpaceName: Set<Key>] = [:]
        for projection in projections {
            try projection.validate()
            guard projection.recordVersion != nil else {
                throw StoreError(.badInput, "a projection carries the version of its record")
            }
            guard members[projection.table, default: []].insert(projection.member).inserted else {
                throw StoreError(.badInput, "a commit projects each member of a table only once")
            }
        }
    }
}

extension Definition {
    /// Checks a value and the version that it is written over.
    package static func validate(_ value: [UInt8]?, ifVersion version: Int64) throws(StoreError) {
        if let value, !(1...maximumValueBytes).contains(value.count) {
            throw StoreError(.badInput, "a definition has 1 to \(maximumValueBytes) bytes, not \(value.count)")
        }
        guard version >= 0 else { throw StoreError(.badInput, "the version of a definition is not negative") }
    }
}
