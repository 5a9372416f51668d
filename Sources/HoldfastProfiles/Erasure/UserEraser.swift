public import HoldfastCoordination
public import HoldfastStorage

/// Removes what a deployment holds of a person; durable, and safe to repeat: a repetition finishes what was cut short.
///
/// The erasure is remembered first, so that it is done again after a backup from before is restored. Then go, in this
/// order: scores and notifications under the person's names, the records that name the person (their damaged parts and
/// copies in Redis first, then they with their history, parts and operations' payloads, then their leases), kept
/// versions of other records that name the person, and scores once more. Whoever holds such a record can save no more
/// from then on.
///
/// What stays is identifiers: the user id in the memory of erasures, keys and operation ids in tombstones.
public struct UserEraser: Sendable {
    /// How often records are looked for again that were written while others were erased.
    private static let passes = 3

    private let store: any DurableStore
    private let backend: any CoordinationBackend
    private let boards: (any ScoreBoards)?
    private let patience: Duration

    /// Joins the sides that hold data of persons.
    ///
    /// - Parameters:
    ///   - backend: Redis, running.
    ///   - boards: The memory store; nil where a deployment has none.
    ///   - patience: How long a server that holds a record is waited for.
    public init(
        store: any DurableStore, backend: any CoordinationBackend, boards: (any ScoreBoards)?,
        patience: Duration = .seconds(3)
    ) {
        self.store = store
        self.backend = backend
        self.boards = boards
        self.patience = patience
    }

    /// Tells what ``erase(userID:)`` would remove, and changes nothing.
    ///
    /// - Throws: ``ProfileError``: `badInput` for a user id of no or too many bytes, `unavailable`.
    public func preview(userID: String) async throws(ProfileError) -> ErasureReport {
        var report = try await survey(userID)
        report.scores = try await scores(of: report.names, removing: false)
        return report
    }

    /// Removes what the deployment holds of a person; durable.
    ///
    /// - Throws: ``ProfileError``: `badInput` for a user id of no or too many bytes; `unavailable`, `outcomeUnknown`:
    ///   repeat it; `busy` where records that name the person keep being written: keep the person from joining first.
    public func erase(userID: String) async throws(ProfileError) -> ErasureReport {
        var report = try await survey(userID)
        let found = report.records
        report.records = []
        try await storing { store throws(StoreError) in try await store.rememberErasure(ofUser: userID) }
        // First, as only the records tell these names: whoever is cut short here finds them again.
        report.scores = try await scores(of: report.names, removing: true)
        for record in found { try await erase(record, &report) }
        try await eraseWhatCame(userID, &report)
        while case let count = try await eraseHistory(userID), count > 0 { report.historyVersions += count }
        // What a session brought to a board between the two.
        report.scores += try await scores(of: report.names, removing: true)
        return report
    }

    /// Erases records that were written while others were erased.
    private func eraseWhatCame(_ userID: String, _ report: inout ErasureReport) async throws(ProfileError) {
        for _ in 1...Self.passes {
            let again = try await survey(userID)
            if again.records.isEmpty { return }
            for name in again.names where !report.names.contains(name) { report.names.append(name) }
            for record in again.records { try await erase(record, &report) }
        }
        guard try await survey(userID).records.isEmpty else {
            throw ProfileError(
                .busy, "records that name the person are being written; keep the person from joining and repeat it")
        }
    }

    // MARK: - Looking

    private func survey(_ userID: String) async throws(ProfileError) -> ErasureReport {
        var report = ErasureReport(userID: userID)
        // A user id may be too long for a member of a board.
        if let name = try? Key(userID) { report.names = [name] }
        var after: RecordID?
        repeat {
            let page = try await storing { store throws(StoreError) in
                try await store.records(ofUser: userID, after: after, limit: 100)
            }
            for id in page {
                guard let record = try await describe(id, userID) else { continue }
                report.records.append(record)
                if !record.isShared, !report.names.contains(id.key) { report.names.append(id.key) }
            }
            after = page.last
        } while after != nil
        return report
    }

    private func describe(_ id: RecordID, _ userID: String) async throws(ProfileError) -> ErasureReport.ErasedRecord? {
        guard let usage = try await RecordUsage.measure(id, in: store) else { return nil }
        let userIDs = try await storing { store throws(StoreError) in try await store.read(id)?.content?.userIDs } ?? []
        let lease = try await coordinating { backend throws(CoordinationError) in try await backend.inspect(id) }
        return ErasureReport.ErasedRecord(
            id: id, isShared: userIDs.contains { !$0.utf8.elementsEqual(userID.utf8) },
            storedBytes: usage[.storedBytes].used + usage[.partBytes].used, parts: usage[.parts].used,
            historyVersions: usage[.historyVersions].used, pendingOperations: usage[.pendingOperations].used,
            wasOpen: lease != nil)
    }

    // MARK: - Removing

    /// Empties a record in the store, which fences off whoever holds it; then Redis, then the holder.
    private func erase(
        _ record: ErasureReport.ErasedRecord, _ report: inout ErasureReport
    ) async throws(ProfileError) {
        let id = record.id
        // First what nobody finds again once the record is empty: the bytes of damaged parts that a repair has put
        // there, and the copy of the last save.
        if let log = RepairReceipt.quarantineLog(of: id) {
            try await storing { store throws(StoreError) in try await store.dropSpace(log) }
        }
        _ = try await coordinating { backend throws(CoordinationError) in try await backend.unlock(id, token: 0) }
        _ = try await storing { store throws(StoreError) in try await store.erase(id) }
        report.records.append(record)
        let fence = try await storing { store throws(StoreError) in try await store.read(id)?.fence } ?? 0
        let lease = try await coordinating { backend throws(CoordinationError) in try await backend.inspect(id) }
        // A lease above the fence was taken since, by a session that started from nothing.
        let stale = lease.flatMap { $0.token <= fence ? $0 : nil }
        if let stale {
            let outcome = try await coordinating { backend throws(CoordinationError) in
                try await SessionCourier(backend: backend).send(.checkErasure, for: id, timeout: patience)
            }
            switch outcome {
            case .answered: report.endedSessions += 1
            case .noAnswer: report.silentServers.append(stale.owner.server)
            case .notHeld, .serverGone: break
            }
        }
        // Drops the copy of the last save in any case: the holder may have written another.
        _ = try await coordinating { backend throws(CoordinationError) in
            try await backend.unlock(id, token: stale?.token ?? 0)
        }
    }

    private func eraseHistory(_ userID: String) async throws(ProfileError) -> Int {
        try await storing { store throws(StoreError) in try await store.eraseHistory(ofUser: userID, limit: 1_000) }
    }

    private func scores(of names: [Key], removing: Bool) async throws(ProfileError) -> ErasedScores {
        guard let boards else { return ErasedScores() }
        do {
            return try await boards.erase(names, removing: removing)
        } catch {
            throw ProfileError(error)
        }
    }

    private func storing<Value>(
        _ body: (any DurableStore) async throws(StoreError) -> Value
    ) async throws(ProfileError) -> Value {
        do {
            return try await body(store)
        } catch {
            throw ProfileError(error)
        }
    }

    private func coordinating<Value>(
        _ body: (any CoordinationBackend) async throws(CoordinationError) -> Value
    ) async throws(ProfileError) -> Value {
        do {
            return try await body(backend)
        } catch {
            throw ProfileError(error)
        }
    }
}

extension Coordinator {
    /// Removes what the deployment holds of a person, live sessions included, which end as deleted; durable.
    ///
    /// See ``UserEraser`` for what goes and what stays. Boards are looked through where
    /// ``CoordinatorConfiguration/boards`` knows them.
    ///
    /// - Throws: ``ProfileError`` as ``UserEraser/erase(userID:)``, `notReady`.
    public func erase(userID: String) async throws(ProfileError) -> ErasureReport {
        try await readiness.wait(until: .now + host.configuration.openTimeout)
        return try await UserEraser(store: host.store, backend: host.backend, boards: host.configuration.boards)
            .erase(userID: userID)
    }
}
