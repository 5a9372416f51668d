/// Divides time into the seasons of one board; no clock inside.
struct SeasonCalendar: Sendable, Equatable {
    /// The instants it deals with: 1970 to 9999, in milliseconds since 1970.
    static let instants: ClosedRange<Int64> = 0...253_402_300_799_999

    let schedule: ResetSchedule
    let tournament: Tournament?

    /// The season that an instant belongs to; after the end of a tournament its last one.
    func season(at millis: Int64) -> Season {
        var instant = min(max(millis, Self.instants.lowerBound), Self.instants.upperBound)
        if let end = tournament?.endsAtMillis { instant = min(instant, end - 1) }
        return Season(id: schedule.last(through: instant) ?? 0, endsAtMillis: schedule.next(after: instant))
    }

    /// The season of that name; nil when none starts there.
    func season(id: Int64) -> Season? {
        guard Self.instants.contains(id) else { return nil }
        let season = season(at: id)
        return season.id == id ? season : nil
    }

    /// When a season takes scores, by the store's clock; empty when it never does.
    func window(of season: Season) -> Range<Int64> {
        let end = season.endsAtMillis ?? .max
        guard let tournament else { return season.id..<end }
        let start = min(max(season.id, tournament.startsAtMillis), end)
        var closes = min(end, tournament.endsAtMillis ?? .max)
        if let duration = tournament.durationMillis {
            let (last, overflows) = start.addingReportingOverflow(duration)
            if !overflows { closes = min(closes, last) }
        }
        return start..<max(start, closes)
    }

    /// The first season that takes scores at or after an instant; nil when none ever will.
    func nextOpen(from millis: Int64) -> Season? {
        var season = season(at: max(millis, tournament?.startsAtMillis ?? 0))
        // The window of a season after the start is empty only when the tournament is over.
        for _ in 0..<2 {
            let window = window(of: season)
            if !window.isEmpty, window.upperBound > millis { return season }
            guard let next = season.endsAtMillis else { return nil }
            season = self.season(at: next)
        }
        return nil
    }

    /// The seasons after the one called `id` that stopped taking scores by `millis`, oldest first: the newest `limit`.
    func ended(after id: Int64?, by millis: Int64, limit: Int) -> [Season] {
        var found: [Season] = []
        var season = season(at: millis)
        while found.count < limit, id.map({ season.id > $0 }) ?? true {
            let window = window(of: season)
            if !window.isEmpty, window.upperBound <= millis { found.append(season) }
            if let tournament, season.id <= tournament.startsAtMillis { break }
            guard season.id > 0 else { break }
            season = self.season(at: season.id - 1)
        }
        return found.reversed()
    }
}
