/// Where a change to a board goes: to one season, or to the one that is current when the store commits it.
struct SeasonTarget: Sendable {
    /// Names the score tables of the board.
    let space: BoardSpace
    let calendar: SeasonCalendar
    /// Nil for the current one.
    var season: Season?

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
