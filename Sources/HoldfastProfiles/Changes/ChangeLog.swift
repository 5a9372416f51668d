import HoldfastStorage

/// The last changes of one session, and those who watch them.
struct ChangeLog<Document: Sendable>: Sendable {
    /// Why a change was made, as far as its caller said.
    struct Cause: Sendable {
        var source: ChangeSource
        var reason: String?
        var path: DocumentPath?

        init(_ source: ChangeSource, reason: String? = nil, path: DocumentPath? = nil) {
            self.source = source
            self.reason = reason
            self.path = path
        }
    }

    private(set) var records: [ChangeRecord] = []
    private var last: UInt64 = 0
    private var watchers: [UInt64: AsyncStream<DocumentChange<Document>>.Continuation] = [:]
    private var lastWatcher: UInt64 = 0

    /// Notes a change that was just made; without an audit and watchers only its number.
    mutating func note(
        _ cause: Cause, before: Document, after: Document, limit: Int,
        toJSON:
            @escaping @Sendable (Document) throws ->
            JSONValue
    ) {
        last += 1
        guard limit > 0 || !watchers.isEmpty else { return }
        let record = ChangeRecord(
            number: last, atMillis: WallClock.milliseconds(), source: cause.source, reason: cause.reason,
            path: cause.path)
        if limit > 0 {
            // Dropped in halves: moving all on for each change would cost as much as the buffer is long.
            if records.count >= 2 * limit { records.removeFirst(records.count - limit + 1) }
            records.append(record)
        }
        guard !watchers.isEmpty else { return }
        let change = DocumentChange(record: record, before: before, after: after, toJSON: toJSON)
        for watcher in watchers.values { watcher.yield(change) }
    }

    mutating func watch(_ watcher: AsyncStream<DocumentChange<Document>>.Continuation) -> UInt64 {
        lastWatcher += 1
        watchers[lastWatcher] = watcher
        return lastWatcher
    }

    mutating func unwatch(_ id: UInt64) {
        watchers[id] = nil
    }

    /// Takes out those whose stream is to be finished, outside the session's lock.
    mutating func takeWatchers() -> [AsyncStream<DocumentChange<Document>>.Continuation] {
        defer { watchers = [:] }
        return Array(watchers.values)
    }
}
