/// What operators did to a deployment, kept in its store; durable.
///
/// An action is written before it begins and written anew with its outcome when it has ended, so the log holds one
/// entry for each. Entries live for ``retention``, and about the newest ``maximumEntries`` at most: actions without an
/// outcome may come on top. The log is one of the store's logs, ``name``; games use names of their own.
public struct AuditLog: Sendable {
    /// The most entries: 100,000; older ones go.
    public static let maximumEntries: Int64 = 100_000
    /// How long an entry is kept: 400 days.
    public static let retention: Duration = .milliseconds(LogEntry.maximumTimeToLiveMillis)
    /// The store's log.
    public static let name = "audit:operators"

    private let store: any DurableStore
    private let now: @Sendable () -> Int64

    /// Opens the log of a deployment; contacts nothing by itself.
    ///
    /// - Parameter now: The time in milliseconds since 1970.
    public init(of store: any DurableStore, now: @escaping @Sendable () -> Int64 = { WallClock.milliseconds() }) {
        self.store = store
        self.now = now
    }

    /// Writes down what is about to be done; durable.
    ///
    /// Where it throws, do not do it.
    ///
    /// - Throws: ``StoreError``.
    public func begin(_ action: AuditAction) async throws(StoreError) -> AuditEntry {
        try await begin(
            again: AuditEntry(
                sequence: 0, id: .random(), action: action, begunAtMillis: now(), endedAtMillis: nil, outcome: nil))
    }

    /// Writes down once more what was begun, after a restore has taken it away; durable, and safe to repeat.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    package func begin(again begun: AuditEntry) async throws(StoreError) -> AuditEntry {
        let append = try Self.append(begun, id: begun.id)
        // The entry's id makes a repetition find what a lost answer left.
        var attempts = 1
        while true {
            do throws(StoreError) {
                let sequence = try Self.sequence(of: try await store.execute([.append(append)]))
                return AuditEntry(
                    sequence: sequence, id: begun.id, action: begun.action, begunAtMillis: begun.begunAtMillis,
                    endedAtMillis: nil, outcome: nil)
            } catch {
                guard error.isAmbiguous, attempts < 3 else { throw error }
                attempts += 1
            }
        }
    }

    /// Writes down how it ended, in place of its begin; durable, and safe to repeat.
    ///
    /// - Throws: ``StoreError``.
    @discardableResult
    public func end(_ begun: AuditEntry, outcome: String) async throws(StoreError) -> AuditEntry {
        let ended = AuditEntry(
            sequence: 0, id: begun.id, action: begun.action, begunAtMillis: begun.begunAtMillis,
            endedAtMillis: now(), outcome: outcome)
        let log = try SpaceName(Self.name)
        let replies = try await store.execute([
            .append(try Self.append(ended, id: Self.endID(of: begun.id))),
            .trim(TrimRequest(log: log, which: .ids([begun.id]))),
            .trim(TrimRequest(log: log, which: .expired)),
        ])
        let sequence = try Self.sequence(of: replies)
        // An action takes two numbers and leaves one entry.
        if sequence > 2 * Self.maximumEntries {
            let old = TrimRequest(log: log, which: .through(sequence - 2 * Self.maximumEntries))
            _ = try await store.execute([.trim(old)])
        }
        return AuditEntry(
            sequence: sequence, id: ended.id, action: ended.action,
            begunAtMillis: ended.begunAtMillis, endedAtMillis: ended.endedAtMillis, outcome: outcome)
    }

    /// Reads entries in the order in which they were written last, `after` exclusive, at most `limit` (1 to 1,000).
    ///
    /// - Returns: The entries, and where to go on; nil at the end.
    /// - Throws: ``StoreError``.
    public func entries(
        after sequence: Int64 = 0, limit: Int = 100
    ) async throws(StoreError) -> (entries: [AuditEntry], next: Int64?) {
        guard let page = try await store.entries(of: SpaceName(Self.name), after: sequence, limit: limit) else {
            return ([], nil)
        }
        // What a newer build wrote in another form is passed over, not taken for the end.
        return (
            page.entries.compactMap(AuditEntry.init), page.entries.count == limit ? page.entries.last?.sequence : nil
        )
    }

    private static func append(_ entry: AuditEntry, id: RandomID) throws(StoreError) -> AppendRequest {
        AppendRequest(
            log: try SpaceName(name),
            entries: [
                .init(id: id, value: try entry.value(), timeToLiveMillis: LogEntry.maximumTimeToLiveMillis)
            ])
    }

    private static func endID(of id: RandomID) -> RandomID { RandomID(high: id.high, low: ~id.low) }

    private static func sequence(of replies: [StoreReply]) throws(StoreError) -> Int64 {
        guard case .append(.appended(_, let sequences))? = replies.first, let sequence = sequences.first else {
            throw StoreError(.internalError, "the audit log answered another question")
        }
        return sequence
    }
}
