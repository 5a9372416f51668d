import HoldfastCoordination
import HoldfastStorage

/// Takes a record's fence in the store for one write, and gives it back with that write.
struct SharedWriter<Document: Codable & Sendable> {
    /// A row that is this writer's until somebody takes its fence higher.
    struct Row {
        let token: Int64
        let nonce: RandomID
        let version: Int64
        let generation: Int64
        let content: Content?
    }

    let id: RecordID
    let profiles: ProfileCollection<Document>
    let deadline: ContinuousClock.Instant
    /// The owner that is waited for, and until when.
    private var awaited: (nonce: RandomID, until: ContinuousClock.Instant)?

    private var host: SessionHost { profiles.host }

    init(id: RecordID, profiles: ProfileCollection<Document>, deadline: ContinuousClock.Instant) {
        self.id = id
        self.profiles = profiles
        self.deadline = deadline
    }

    /// Takes the row, after its owner has let go of it or its time is over.
    ///
    /// - Throws: ``ProfileError``: `conflict`, `busy`, `unavailable`.
    mutating func seal(if condition: SharedCondition) async throws(ProfileError) -> Row {
        while true {
            let found = try await read()
            try check(condition, version: found?.content == nil ? nil : found?.version)
            if let owner = found?.owner, isWorthWaiting(for: owner) {
                try await pause()
                continue
            }
            let nonce = RandomID.random()
            let token = (found?.fence ?? 0) + 1
            let request = SealRequest(id: id, token: token, owner: host.identity.owner(nonce: nonce))
            let outcome: SealOutcome
            do {
                outcome = try await host.committer.seal(request, timeout: max(.milliseconds(1), deadline - .now))
            } catch {
                guard error.isRetriable, ContinuousClock.now < deadline else { throw ProfileError(error, record: id) }
                try await pause()
                continue
            }
            guard case .sealed(let sealed) = outcome else {
                try await pause()
                continue
            }
            let content: Content? = if case .stored(let stored) = sealed.document { stored } else { nil }
            let row = Row(
                token: token, nonce: nonce, version: sealed.version, generation: sealed.generation, content: content)
            do {
                try check(condition, version: content == nil ? nil : sealed.version)
            } catch {
                await giveUp(row)
                throw error
            }
            return row
        }
    }

    /// Writes content, or deletes it; the version that stands then, or nil when another writer was faster.
    ///
    /// - Throws: ``ProfileError``: `outcomeUnknown`, `unavailable`.
    func commit(_ encoded: EncodedDocument?, over row: Row) async throws(ProfileError) -> Int64? {
        let beside = profiles.beside(row.content, id.key)
        let change: RecordWrite.Change
        if let encoded {
            let content = Content(
                payload: encoded.payload, schema: max(row.content?.schema ?? 0, profiles.codec.schema),
                userIDs: beside.userIDs, metadata: beside.metadata)
            change = content == row.content ? .none : .content(content)
        } else {
            change = row.content == nil ? .none : .tombstone
        }
        let write = RecordWrite(
            id: id, fence: row.token, nonce: row.nonce, version: row.version, saveID: .random(), change: change,
            releases: true)
        let ticket = Ticket<Int64?>()
        let submitted = host.jobs.submit { [host, id, deadline] in
            let request = CommitRequest(writes: [write], generation: row.generation)
            let outcome = await Settler(host: host).settle(request, until: deadline) { error in
                ticket.resolve(.failure(ProfileError(error, record: id)))
            }
            switch outcome {
            case .committed:
                let wrote = if case .none = change { false } else { true }
                ticket.resolve(.success(row.version + (wrote ? 1 : 0)))
            case .refused(let refusals) where refusals.contains { $0.wasAmbiguous }:
                let error = ProfileError(
                    .outcomeUnknown, "another writer was next; this write may have come before it", record: id)
                ticket.resolve(.failure(error))
            case .refused: ticket.resolve(.success(nil))
            case .failed(let error): ticket.resolve(.failure(ProfileError(error, record: id)))
            }
        }
        guard submitted else { throw ProfileError(.notReady, "the coordinator has stopped", record: id) }
        return try await host.waits.value(of: ticket, until: deadline) { [id] in
            ProfileError(.outcomeUnknown, "the store has not answered in time; still asking", record: id)
        }
    }

    /// Takes this writer's name off the row; where that fails, the next writer waits a moment.
    func giveUp(_ row: Row) async {
        let write = RecordWrite(
            id: id, fence: row.token, nonce: row.nonce, version: row.version, saveID: .random(), change: .none,
            releases: true)
        _ = try? await host.committer.commit(
            CommitRequest(writes: [write], generation: row.generation), timeout: .seconds(1))
    }

    private func check(_ condition: SharedCondition, version: Int64?) throws(ProfileError) {
        if let refusal = condition.refusal(where: version) { throw ProfileError(.conflict, refusal, record: id) }
    }

    /// Whether an owner still has time to finish: a write takes milliseconds, and one that died must not be waited for.
    private mutating func isWorthWaiting(for owner: Owner) -> Bool {
        if let awaited, awaited.nonce == owner.nonce { return ContinuousClock.now < awaited.until }
        awaited = (owner.nonce, .now + SharedCollection<Document>.patience)
        return true
    }

    private func pause() async throws(ProfileError) {
        guard ContinuousClock.now < deadline else { throw SharedCollection<Document>.busy(id) }
        do {
            try await Task.sleep(for: .milliseconds(Int64.random(in: 2...15)))
        } catch {
            throw ProfileError(.cancelled, "cancelled before anything was written", record: id)
        }
    }

    private func read() async throws(ProfileError) -> Record? {
        do {
            return try await host.store.read(id)
        } catch {
            throw ProfileError(error, record: id)
        }
    }
}
