/// Whether a write of data keeps what it replaces in its record's history.
///
/// Version 0 and a tombstone hold nothing to keep. What a write does to parts is never kept.
public enum KeepRule: Sendable, Equatable {
    /// Keeps what was written in an earlier hour than this one: UTC hours of the store's clock.
    ///
    /// So each record keeps what it held before the first write of every hour. A store that is not migrated to
    /// layout 3 yet keeps nothing, and neither does a write by a build that knows layout 2 only.
    case hourly
    /// Keeps it and notes why: 1 to ``maximumReasonBytes`` bytes.
    case always(reason: String)
    /// Keeps nothing.
    case never

    /// The longest reason in bytes.
    public static let maximumReasonBytes = 64

    private static let hourMillis: Int64 = 3_600_000

    /// When the hour of a time began, both in milliseconds since 1970, UTC.
    package static func hourStart(of millis: Int64) -> Int64 {
        let rest = millis % hourMillis
        return millis - (rest < 0 ? rest + hourMillis : rest)
    }

    /// Content written before this is kept by a write at `now`; nil keeps none.
    package func cutoff(at now: Int64) -> Int64? {
        switch self {
        case .hourly: Self.hourStart(of: now)
        case .always: .max
        case .never: nil
        }
    }

    /// Why a version is kept; nil for the hourly rule.
    package var reason: String? {
        if case .always(let reason) = self { reason } else { nil }
    }

    /// Checks a reason as every backend relies on it.
    package static func validate(reason: String) throws(StoreError) {
        guard (1...maximumReasonBytes).contains(reason.utf8.count), !reason.utf8.contains(0) else {
            throw StoreError(.badInput, "a reason has 1 to \(maximumReasonBytes) bytes and no NUL")
        }
    }
}
