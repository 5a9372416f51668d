/// Where a change to a board goes: to one season, or to the one that is current when the store commits it.
///
/// A class, since every change that waits carries one.
final class SeasonTarget: Sendable {
    /// Names the score tables of the board.
    let space: BoardSpace
    let calendar: SeasonCalendar
    /// Nil for the current one.
    let season: Season?

    init(space: BoardSpace, calendar: SeasonCalendar, season: Season? = nil) {
        self.space = space
        self.calendar = calendar
        self.season = season
    }

    /// The season that takes a change sent now, and when it does.
    ///
    /// Only a change to the current season is bound to its window: the store refuses it when its own clock shows
    /// another time, and says which.
    func resolve(at millis: Int64) -> (season: Season, window: Range<Int64>?) {
        if let season { return (season, nil) }
        let current = calendar.season(at: millis)
        return (current, calendar.window(of: current))
    }
}
