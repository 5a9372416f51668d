import HoldfastStorage

/// What a copy was made of: a part of the copy's record, which the last of its commits writes.
///
/// A copy without one is not complete.
struct CopyNote: Sendable {
    /// The name of the part.
    static let name = "about"

    /// The version that the profile had.
    var version: Int64
    /// When that version was written.
    var writtenAt: Int64
    /// How many parts the profile had; nil in the note of a build that copied none of them.
    var parts: Int?

    init(_ whole: WholeRecord) {
        version = whole.record.version
        writtenAt = whole.record.updatedAtMillis
        parts = whole.parts.count
    }

    /// Nil for what is no note.
    init?(_ part: Part) {
        guard let bytes = try? part.payload.verified(), let document = try? CanonicalJSON.parse(bytes),
            let version = document["version"]?.int64, let writtenAt = document["writtenAtMillis"]?.int64
        else { return nil }
        self.version = version
        self.writtenAt = writtenAt
        parts = document["parts"]?.int64.flatMap { Int(exactly: $0) }
    }

    func payload() throws -> PartPayload {
        var document: JSONValue = ["version": .integer(version), "writtenAtMillis": .integer(writtenAt)]
        document["parts"] = parts.map { JSONValue.integer(Int64($0)) }
        return PartPayload(try CanonicalJSON.write(document))
    }
}
