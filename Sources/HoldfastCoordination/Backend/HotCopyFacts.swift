import HoldfastStorage

/// What a reader without a lock has to know of a ``HotCopy`` besides its bytes.
public struct HotCopyFacts: Sendable, Equatable {
    /// The most bytes of JSON; a copy with more to say of it serves opens alone.
    static let maximumBytes = 16_384

    /// A moment of this process's clock: at it or later the store had this save as the record's last one.
    public var confirmedAt: ContinuousClock.Instant
    /// The schema of the stored document.
    public var schema: Int
    /// The fencing token that the session saved under.
    public var fence: Int64
    /// The people whose data the record holds.
    public var userIDs: [String]
    /// The game's own canonical JSON beside the document, or nil.
    public var metadata: [UInt8]?
    /// Milliseconds since 1970, UTC, of the first save.
    public var createdAtMillis: Int64
    /// Milliseconds since 1970, UTC, of this save.
    public var updatedAtMillis: Int64

    /// Joins what is known of one save; checks nothing.
    public init(
        confirmedAt: ContinuousClock.Instant, schema: Int, fence: Int64, userIDs: [String] = [],
        metadata: [UInt8]? = nil, createdAtMillis: Int64, updatedAtMillis: Int64
    ) {
        self.confirmedAt = confirmedAt
        self.schema = schema
        self.fence = fence
        self.userIDs = userIDs
        self.metadata = metadata
        self.createdAtMillis = createdAtMillis
        self.updatedAtMillis = updatedAtMillis
    }

    /// All but the moment, as JSON; nil where that would be too large, and for metadata that is no text.
    var encoded: [UInt8]? {
        let bytes = userIDs.reduce(metadata?.count ?? 0) { $0 + $1.utf8.count }
        guard bytes <= Self.maximumBytes else { return nil }
        var json: JSONValue = [
            "createdAt": .integer(createdAtMillis), "fence": .integer(fence), "schema": .integer(Int64(schema)),
            "updatedAt": .integer(updatedAtMillis), "userIDs": .array(userIDs.map { .string($0) }),
        ]
        if let metadata {
            guard let text = String(validating: metadata, as: UTF8.self) else { return nil }
            json["metadata"] = .string(text)
        }
        guard let encoded = try? CanonicalJSON.write(json), encoded.count <= Self.maximumBytes else { return nil }
        return encoded
    }

    /// Reads ``encoded``, of a save that was the last one at `moment`; nil for what no build writes.
    init?(encoded: [UInt8], confirmedAt moment: ContinuousClock.Instant) {
        guard let json = try? CanonicalJSON.parse(encoded), let schema = json["schema"]?.int64,
            let fence = json["fence"]?.int64, let people = json["userIDs"]?.array,
            let createdAt = json["createdAt"]?.int64, let updatedAt = json["updatedAt"]?.int64
        else { return nil }
        let userIDs = people.compactMap(\.string)
        guard userIDs.count == people.count else { return nil }
        self.init(
            confirmedAt: moment, schema: Int(schema), fence: fence, userIDs: userIDs,
            metadata: json["metadata"]?.string.map { Array($0.utf8) }, createdAtMillis: createdAt,
            updatedAtMillis: updatedAt)
    }
}
