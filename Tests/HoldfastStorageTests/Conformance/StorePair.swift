import HoldfastStorage
import Synchronization

/// A store beside an in-memory one that is asked the same.
final class StorePair: Sendable {
    let subject: any DurableStore
    let reference: InMemoryStore
    /// Whether both clocks stand still, so that dates and hours can be compared.
    let hasClock: Bool
    private let time: StoreTime
    private let clock: SharedClock
    private let generations = Mutex<(subject: Int64, reference: Int64)>((0, 0))

    private final class SharedClock: Sendable {
        let millis = Mutex(StoreTime.start)
    }

    init(_ subject: any DurableStore, _ time: StoreTime, hasClock: Bool) async throws {
        let clock = SharedClock()
        self.subject = subject
        self.time = time
        self.hasClock = hasClock
        self.clock = clock
        self.reference = InMemoryStore(deployment: "test") { clock.millis.withLock { $0 } }
        _ = try await reference.migrate(DeploymentTimings())
    }

    func pass(_ millis: Int64) async throws {
        clock.millis.withLock { $0 += millis }
        try await time.pass(millis)
    }

    func bumpGeneration() async throws {
        let next = (try await subject.bumpGeneration(), try await reference.bumpGeneration())
        generations.withLock { $0 = next }
    }

    /// Asks both, and gives what either said without what is random or a date of another clock.
    func execute(_ group: [StoreRequest]) async throws -> (subject: [String], reference: [String]) {
        let (subject, reference) = generations.withLock { $0 }
        let replies = try await self.subject.execute(group.map { $0.naming(generation: subject) })
        let expected = try await self.reference.execute(group.map { $0.naming(generation: reference) })
        return (
            replies.map { text(of: $0, generation: subject) }, expected.map { text(of: $0, generation: reference) }
        )
    }

    /// Everything that can be read of a record, as text.
    func describe(_ id: RecordID, in store: any DurableStore) async throws -> [String] {
        var lines: [String] = []
        if let row = try await store.read(id) {
            lines.append("\(text(of: row.state)) \(row.content.map(text) ?? "-") \(date(row.updatedAtMillis))")
        }
        for part in try await store.parts(of: id) { lines.append("part \(part.name) \(part.version) \(part.text)") }
        let summary = try await store.partSummary(of: id)
        lines.append("parts \(summary)")
        for entry in try await store.kept(id) {
            let content = try await store.historyContent(of: id, version: entry.version)
            lines.append(
                """
                kept \(entry.version) \(entry.schema) \(entry.reason ?? "-") \(entry.storedBytes) \
                \(entry.documentBytes) \(entry.isDeletion) \(content.map(text) ?? "-") \
                \(date(entry.updatedAtMillis)) \(date(entry.replacedAtMillis))
                """)
        }
        for operation in try await store.operations(of: id, after: 0, limit: 100) {
            lines.append(text(of: operation))
        }
        return lines
    }

    // MARK: - Text

    private func date(_ millis: Int64) -> String { hasClock ? "\(millis)" : "" }

    private func text(of row: RowState?) -> String {
        guard let row else { return "missing" }
        return "v\(row.version) f\(row.fence) \(row.owner?.nonce.description.prefix(6) ?? "-")"
    }

    private func text(_ content: Content) -> String {
        "\(content.payload.checksum) \(content.schema) \(content.userIDs) \(content.metadata ?? [])"
    }

    private func text(of operation: OperationRecord) -> String {
        """
        operation \(operation.id) \(operation.type) \(operation.payload.count) \(operation.state) \
        \(operation.attempts) \(operation.lastError ?? "-") \(operation.finishedAtMillis != nil)
        """
    }

    private func text(of reply: StoreReply, generation: Int64) -> String {
        switch reply {
        case .seal(.sealed(let record)):
            let pending = record.pending.map { text(of: $0) }
            return "sealed \(record.version) \(record.generation == generation) \(record.document) \(pending)"
        case .seal(.stale(let row)): return "stale \(text(of: row))"
        case .commit(.refused(let rows, let settled)): return "refused \(rows.map { text(of: $0) }) \(settled)"
        default: return "\(reply)"
        }
    }
}

extension StoreRequest {
    /// A commit that names generation 0 names this one instead.
    fileprivate func naming(generation: Int64) -> StoreRequest {
        guard case .commit(var commit) = self, commit.generation == 0 else { return self }
        commit.generation = generation
        return .commit(commit)
    }
}
