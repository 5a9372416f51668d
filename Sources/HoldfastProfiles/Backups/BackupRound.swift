import HoldfastStorage

/// How far one round over all profiles has come; kept in the store, so that any server goes on with it.
struct BackupRound: Sendable, Equatable {
    /// When it began.
    var startedAt: Int64
    /// What was written before is in a copy already.
    var since: Int64
    /// The last collection and the last key in it that were looked at; nil before the first.
    var after: RecordID?
    var isOver = false

    /// Clocks of several machines and of the store differ.
    static let slackMillis: Int64 = 300_000

    /// The round that is due, or goes on; nil while the last one is over and the next one not due.
    static func next(after last: BackupRound?, every millis: Int64, now: Int64) -> BackupRound? {
        guard let last else { return BackupRound(startedAt: now, since: .min) }
        if !last.isOver { return last }
        guard now - last.startedAt >= millis else { return nil }
        return BackupRound(startedAt: now, since: last.nextSince)
    }

    /// What was written before is not looked at in the round after this one.
    var nextSince: Int64 { startedAt - Self.slackMillis }

    // MARK: - Form

    var document: JSONValue {
        var document: JSONValue = [
            "startedAt": .integer(startedAt), "since": .integer(since), "over": .bool(isOver),
        ]
        if let after {
            document["collection"] = .string(after.collection.description)
            document["key"] = .string(after.key.description)
        }
        return document
    }

    init(startedAt: Int64, since: Int64, after: RecordID? = nil) {
        self.startedAt = startedAt
        self.since = since
        self.after = after
    }

    /// Nil for a form that no build writes.
    init?(_ document: JSONValue) {
        guard let startedAt = document["startedAt"]?.int64, startedAt >= 0, let since = document["since"]?.int64,
            case .bool(let isOver)? = document["over"]
        else { return nil }
        self.init(startedAt: startedAt, since: since)
        self.isOver = isOver
        guard let collection = document["collection"]?.string, let key = document["key"]?.string else { return }
        guard let name = try? CollectionName(collection), let key = try? Key(key) else { return nil }
        after = RecordID(collection: name, key: key)
    }
}
