/// One action of an operator, as the audit log has it.
public struct AuditEntry: Sendable, Equatable {
    /// The action's place in the log; it gets another one when it ends.
    public let sequence: Int64
    /// Names the action over its begin and its end.
    public let id: RandomID
    /// What was done, by whom.
    public let action: AuditAction
    /// Milliseconds since 1970, UTC, by the clock of the operator's machine.
    public let begunAtMillis: Int64
    /// The same of its end; nil where nobody told of it: it runs, or its process was killed.
    public let endedAtMillis: Int64?
    /// `done`, or the word for what went wrong; nil where nobody told of it.
    ///
    /// What ended as anything but `done` may have taken effect in part.
    public let outcome: String?
}

/// What an operator sets out to do.
public struct AuditAction: Sendable, Equatable {
    /// The most bytes of ``reason``: 500.
    public static let maximumReasonBytes = 500
    /// The most bytes of every other text; longer ones are cut.
    public static let maximumTextBytes = 1_000

    /// The operator's name on their machine.
    public let user: String
    /// The machine's name.
    public let host: String
    /// What is done, `profile delete` for example.
    public let verb: String
    /// What it is done to, `players/42` for example; no contents, and a person only as a hash.
    public let target: String
    /// Why, in the operator's words.
    public let reason: String?

    /// Joins the parts and cuts what is too long.
    ///
    /// - Throws: ``StoreError`` with code `badInput` for a reason that is too long.
    public init(user: String, host: String, verb: String, target: String, reason: String?) throws(StoreError) {
        guard reason?.utf8.count ?? 0 <= Self.maximumReasonBytes else {
            throw StoreError(.badInput, "a reason has at most \(Self.maximumReasonBytes) bytes")
        }
        self.user = Self.cut(user)
        self.host = Self.cut(host)
        self.verb = Self.cut(verb)
        self.target = Self.cut(target)
        self.reason = reason
    }

    private static func cut(_ text: String) -> String {
        var text = text
        while text.utf8.count > maximumTextBytes { text.unicodeScalars.removeLast() }
        return text
    }
}

extension AuditEntry {
    /// The entry as the log keeps it.
    func value() throws(StoreError) -> [UInt8] {
        var object = JSONObject()
        object["id"] = .string(id.description)
        object["user"] = .string(action.user)
        object["host"] = .string(action.host)
        object["verb"] = .string(action.verb)
        object["target"] = .string(action.target)
        object["reason"] = action.reason.map { .string($0) }
        object["begunAt"] = .integer(begunAtMillis)
        object["endedAt"] = endedAtMillis.map { .integer($0) }
        object["outcome"] = outcome.map { .string($0) }
        do {
            return try CanonicalJSON.write(.object(object))
        } catch {
            throw StoreError(.badInput, "an audited action cannot be written: \(error)")
        }
    }

    /// Reads what ``value()`` wrote, by any build; nil for something else.
    init?(_ entry: LogEntry) {
        guard let value = try? CanonicalJSON.parse(entry.value),
            let id = value["id"]?.string.flatMap(RandomID.init(hex:)),
            let user = value["user"]?.string, let host = value["host"]?.string, let verb = value["verb"]?.string,
            let target = value["target"]?.string, let begunAt = value["begunAt"]?.int64,
            let action = try? AuditAction(
                user: user, host: host, verb: verb, target: target, reason: value["reason"]?.string)
        else { return nil }
        self.init(
            sequence: entry.sequence, id: id, action: action, begunAtMillis: begunAt,
            endedAtMillis: value["endedAt"]?.int64, outcome: value["outcome"]?.string)
    }
}
