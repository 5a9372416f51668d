public import HoldfastStorage

/// The kept versions of one record, read from the store without a lease.
///
/// A record keeps what the first write of each hour replaced, what was kept by ``keepCurrent(reason:)``, and what a
/// restore replaced, for 30 days. Parts of a record, such as the chunks of a world, have no history.
public struct RecordHistory: Sendable {
    /// The record.
    public let id: RecordID
    private let store: any DurableStore

    /// Names a record of a store.
    public init(of id: RecordID, in store: any DurableStore) {
        self.id = id
        self.store = store
    }

    /// Kept versions, newest first, those below `version` where one is given, at most `limit` (1 to 1,000).
    ///
    /// What the record holds now is not among them, unless it was kept already.
    ///
    /// - Throws: ``ProfileError``: `badInput`, `unavailable`.
    public func entries(before version: Int64? = nil, limit: Int = 100) async throws(ProfileError) -> [HistoryEntry] {
        try await reading { store throws(StoreError) in
            try await store.history(of: id, before: version, limit: limit)
        }
    }

    /// Finds a version with what it holds.
    ///
    /// - Throws: ``ProfileError``: `notFound` where it was never written, not kept, or deleted at that time;
    ///   `unavailable`.
    public func find(_ selection: VersionSelection) async throws(ProfileError) -> RecordVersion {
        let record = try await reading { store throws(StoreError) in try await store.read(id) }
        if let record, let content = record.content, selection.means(record) {
            return RecordVersion(
                version: record.version, content: content, writtenAtMillis: record.updatedAtMillis, isExact: true)
        }
        switch selection {
        case .current: throw notFound("there is no such record")
        case .version(let version):
            guard version > 0, version < .max,
                let entry = try await entries(before: version + 1, limit: 1).first, entry.version == version
            else { throw notFound("version \(version) is not kept") }
            return try await kept(entry, isExact: true)
        case .at(let millis):
            if let record, record.version > 0, record.updatedAtMillis <= millis {
                throw notFound("the record was deleted at that time")
            }
            guard let entry = try await newestEntry(writtenBy: millis) else {
                throw notFound("no version as old as that is kept")
            }
            guard !entry.isDeletion || entry.replacedAtMillis > millis else {
                throw notFound("the record was deleted at that time")
            }
            return try await kept(entry, isExact: entry.replacedAtMillis > millis)
        }
    }

    /// Keeps what the record holds now, durably and whoever owns it; returns its version.
    ///
    /// - Parameter reason: 1 to 64 bytes, shown with the version.
    /// - Throws: ``ProfileError``: `notFound` where it holds nothing, `badInput`, `unavailable`.
    public func keepCurrent(reason: String) async throws(ProfileError) -> Int64 {
        let version = try await reading { store throws(StoreError) in
            try await store.keepCurrent(of: id, reason: reason)
        }
        guard let version else { throw notFound("there is no such record") }
        return version
    }

    /// What is different between two versions, place by place.
    ///
    /// - Throws: ``ProfileError`` as ``find(_:)``; `corrupt`.
    public func difference(
        from old: VersionSelection, to new: VersionSelection = .current
    ) async throws(ProfileError) -> [DocumentDifference] {
        let (old, new) = (try await find(old), try await find(new))
        return DocumentDifference.all(from: try old.document(of: id), to: try new.document(of: id))
    }

    /// Operations that were applied after a version was written, in order of delivery, at most 1,000.
    ///
    /// Their receipts stay when that version is restored, so they are not applied again, but their effects are no
    /// longer in the data. Looks at every receipt of the record.
    ///
    /// - Throws: ``ProfileError`` with code `unavailable`.
    public func operationsApplied(after version: RecordVersion) async throws(ProfileError) -> [OperationID] {
        var found: [OperationID] = []
        var sequence: Int64 = 0
        while found.count < 1_000 {
            let last = sequence
            let page = try await reading { store throws(StoreError) in
                try await store.operations(of: id, after: last, limit: 1_000)
            }
            for operation in page where operation.state == .applied {
                if let finished = operation.finishedAtMillis, finished > version.writtenAtMillis {
                    found.append(operation.id)
                }
            }
            guard page.count == 1_000, let next = page.last?.sequence else { break }
            sequence = next
        }
        return Array(found.prefix(1_000))
    }

    private func newestEntry(writtenBy millis: Int64) async throws(ProfileError) -> HistoryEntry? {
        var before: Int64?
        while true {
            let page = try await entries(before: before, limit: 1_000)
            if let entry = page.first(where: { $0.updatedAtMillis <= millis }) { return entry }
            guard page.count == 1_000, let last = page.last else { return nil }
            before = last.version
        }
    }

    private func kept(_ entry: HistoryEntry, isExact: Bool) async throws(ProfileError) -> RecordVersion {
        let content = try await reading { store throws(StoreError) in
            try await store.historyContent(of: id, version: entry.version)
        }
        guard let content else { throw notFound("version \(entry.version) has just been removed") }
        return RecordVersion(
            version: entry.version, content: content, writtenAtMillis: entry.updatedAtMillis, isExact: isExact)
    }

    private func reading<Value>(
        _ body: (any DurableStore) async throws(StoreError) -> Value
    ) async throws(ProfileError) -> Value {
        do {
            return try await body(store)
        } catch {
            throw ProfileError(error, record: id)
        }
    }

    private func notFound(_ message: String) -> ProfileError { ProfileError(.notFound, message, record: id) }
}

extension VersionSelection {
    /// Whether what a record holds now is the version that is asked for.
    fileprivate func means(_ record: Record) -> Bool {
        switch self {
        case .current: true
        case .version(let version): record.version == version
        case .at(let millis): record.updatedAtMillis <= millis
        }
    }
}
