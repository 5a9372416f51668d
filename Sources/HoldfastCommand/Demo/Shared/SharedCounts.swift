/// What a demo server counted of boards and announcements since its boot.
///
/// A report of its own: servers of an older build send none.
struct SharedCounts: Codable, Sendable, Equatable {
    /// Scores that the store has acknowledged.
    var scores = 0
    /// Announcements that the store has acknowledged, and those that were heard, of whatever server.
    var announcements = 0, heard = 0
}
