/// What a demo server counted of boards, announcements and worlds since its boot.
///
/// A report of its own: servers of an older build send none.
struct SharedCounts: Codable, Sendable, Equatable {
    /// Scores that the store has acknowledged.
    var scores = 0
    /// Announcements that the store has acknowledged, and those that were heard, of whatever server.
    var announcements = 0, heard = 0
    /// Acknowledged saves of worlds.
    var worldSaves = 0
}

extension SharedCounts {
    /// Servers of an older build know no worlds.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        scores = try values.decode(Int.self, forKey: .scores)
        announcements = try values.decode(Int.self, forKey: .announcements)
        heard = try values.decode(Int.self, forKey: .heard)
        worldSaves = try values.decodeIfPresent(Int.self, forKey: .worldSaves) ?? 0
    }
}
