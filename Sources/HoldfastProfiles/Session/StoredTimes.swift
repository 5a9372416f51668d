import HoldfastStorage

/// When the stored document was written, and when the store last had it for certain.
struct StoredTimes: Sendable {
    /// Milliseconds since 1970: as the seal found them, by this server's clock once it has saved.
    private(set) var createdAtMillis: Int64
    private(set) var updatedAtMillis: Int64
    /// Before the last request was sent that the store acknowledged: the seal, then the commits.
    private(set) var confirmedAt: ContinuousClock.Instant

    /// What a seal found that was sent after `began`.
    init(_ record: SealedRecord, began: ContinuousClock.Instant) {
        createdAtMillis = record.createdAtMillis
        updatedAtMillis = record.updatedAtMillis
        confirmedAt = began
    }

    /// Those of a session without a record.
    init() {
        createdAtMillis = 0
        updatedAtMillis = 0
        confirmedAt = .now
    }

    /// The store took a commit that was sent after `began`, with or without data.
    mutating func confirmed(_ began: ContinuousClock.Instant) {
        confirmedAt = began
    }

    /// The document was written at `millis`, for the first time or again.
    mutating func written(isFirst: Bool, at millis: Int64) {
        if isFirst { createdAtMillis = millis }
        updatedAtMillis = millis
    }
}
