import HoldfastStorage

extension BoardIndex {
    /// Reads a page for ``Board/top(_:after:scores:details:maximumAge:)``.
    func page(
        _ request: BoardPages.Request, _ cursor: BoardCursor.Content?
    ) async throws(MemoryStoreError) -> BoardPage {
        let isForward = cursor?.direction != .backward
        let anchor = cursor?.anchor ?? order.top
        let found = try await window(
            around: .place(anchor), before: isForward ? 0 : request.count, after: isForward ? request.count : 0,
            in: request.scores)
        guard let found else { throw MemoryStoreError(.internalError, "a place was not there") }
        // The anchor's own row was read before.
        let isThere = found.isAnchorThere
        let rows = isForward ? (isThere ? 1 : 0)..<found.entries.count : 0..<(found.entries.count - (isThere ? 1 : 0))
        return try await page(found, rows, details: request.hasDetails)
    }

    /// Reads the rows around a member.
    func page(
        around member: Key, count: Int, details: Bool
    ) async throws(MemoryStoreError) -> BoardPage {
        guard let found = try await window(around: .member(member), before: count - 1, after: count - 1) else {
            return BoardPage(rows: [], previous: nil, next: nil, total: try await self.count())
        }
        let places = BoardRanking.window(around: found.anchor + 1, total: found.part.upperBound, limit: count)
        let first = max(0, places.lowerBound - 1 - found.start)
        let rows = first..<min(max(first, places.upperBound - found.start), found.entries.count)
        return try await page(found, rows, details: details)
    }

    /// Numbers the rows of a window and cuts a page from it.
    private func page(
        _ window: Window, _ range: Range<Int>, details: Bool
    ) async throws(MemoryStoreError) -> BoardPage {
        let entries = window.entries
        let ranks = BoardRanking.ranks(
            rules.ranks, of: entries.map(\.level), start: window.start, firstPlace: window.firstPlace ?? window.start)
        var rows = range.map { BoardRow(entries[$0], rank: ranks[$0]) }
        if details {
            let found = try await self.details(of: rows.map(\.member))
            for (position, details) in found.enumerated() { rows[position].details = details }
        }
        func cursor(_ direction: BoardCursor.Content.Direction, _ entry: BoardEntry) -> BoardCursor {
            BoardCursor(BoardCursor.Content(direction: direction, anchor: entry.anchor), of: address)
        }
        guard let first = range.first, let last = range.last else {
            return BoardPage(rows: [], previous: nil, next: nil, total: window.total)
        }
        let previous = window.start + first > window.part.lowerBound ? cursor(.backward, entries[first]) : nil
        let next = window.start + last + 1 < window.part.upperBound ? cursor(.forward, entries[last]) : nil
        return BoardPage(rows: rows, previous: previous, next: next, total: window.total)
    }
}
