/// A board and where it stands in its seasons.
public struct BoardInfo: Sendable, Equatable {
    /// The board's name.
    public let name: String
    /// What it was created with.
    public let settings: BoardSettings
    /// Milliseconds since 1970, UTC.
    public let createdAtMillis: Int64
    /// The current season; the last one after the end of a tournament.
    public let season: Season
    /// When the current season takes scores, in milliseconds since 1970, UTC.
    public let openMillis: Range<Int64>

    /// When the current season started, in milliseconds since 1970, UTC; nil on a board without resets.
    public var previousResetMillis: Int64? { settings.schedule == .never ? nil : season.id }
    /// When the next season starts; nil when none will.
    public let nextResetMillis: Int64?

    /// Describes a board at an instant.
    init(_ record: BoardRecord, atMillis millis: Int64) {
        name = record.space.board
        settings = record.settings
        createdAtMillis = record.createdAtMillis
        season = record.calendar.season(at: millis)
        openMillis = record.calendar.window(of: season)
        let next = season.endsAtMillis
        let isOver = record.settings.tournament?.endsAtMillis.map { end in next.map { $0 >= end } ?? true } ?? false
        nextResetMillis = isOver ? nil : next
    }
}
