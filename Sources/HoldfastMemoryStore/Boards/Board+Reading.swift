public import HoldfastStorage

extension Board {
    /// Reads a page, from the top on, as Redis has it or had it a moment ago.
    ///
    /// - Parameters:
    ///   - count: How many rows, 1 to ``maximumRows``.
    ///   - cursor: Reads on from a page's `next`, or back from its `previous`; nil begins at the top.
    ///   - scores: Only rows with a score in this range; the same for every page that a cursor links.
    ///   - details: Whether to read metadata and submission counts too.
    ///   - maximumAge: How old a page may be that others of this process have read; zero reads anew.
    /// - Throws: ``MemoryStoreError``: `badInput` for a count out of range and for a cursor of another board or
    ///   season; `unavailable`.
    public func top(
        _ count: Int = 10, after cursor: BoardCursor? = nil, scores: ClosedRange<Int64>? = nil,
        details: Bool = false, maximumAge: Duration = Board.defaultAge
    ) async throws(MemoryStoreError) -> BoardPage {
        guard (1...Self.maximumRows).contains(count) else {
            throw MemoryStoreError(.badInput, "a page has 1 to \(Self.maximumRows) rows, not \(count)")
        }
        return try await withIndex { index async throws(MemoryStoreError) in
            let content = try cursor?.content(of: index.address)
            let request = BoardPages.Request(count: count, cursor: cursor, scores: scores, hasDetails: details)
            let read: @Sendable () async throws(MemoryStoreError) -> BoardPage = { () async throws(MemoryStoreError) in
                try await index.page(request, content)
            }
            return try await index.pages.page(request, of: index.address, age: maximumAge, read: read)
        }
    }

    /// Reads the rows around a member: it stands in the middle, unless an end of the board is near.
    ///
    /// Half of `count`, rounded down, come after it. Cursors lead on in both directions.
    ///
    /// - Parameters:
    ///   - member: A member that is not there has nothing around it: the page is empty.
    ///   - count: How many rows, 1 to ``maximumRowsAround``.
    ///   - details: Whether to read metadata and submission counts too.
    /// - Throws: ``MemoryStoreError``: `badInput`, `unavailable`.
    public func around(
        _ member: Key, count: Int = 11, details: Bool = false
    ) async throws(MemoryStoreError) -> BoardPage {
        guard (1...Self.maximumRowsAround).contains(count) else {
            throw MemoryStoreError(.badInput, "around a member are 1 to \(Self.maximumRowsAround) rows, not \(count)")
        }
        return try await withIndex { index async throws(MemoryStoreError) in
            try await index.page(around: member, count: count, details: details)
        }
    }

    /// A member's row; nil when it is not there.
    ///
    /// - Throws: ``MemoryStoreError``.
    public func rank(of member: Key) async throws(MemoryStoreError) -> BoardRow? {
        try await withIndex { index async throws(MemoryStoreError) in
            try await index.row(of: member)
        }
    }

    /// Ranks chosen members among themselves, friends for example, and on the whole board.
    ///
    /// - Parameter members: At most ``maximumRows``; those that are not there are left out, repeated ones count once.
    /// - Returns: In the board's order.
    /// - Throws: ``MemoryStoreError``.
    public func ranks(of members: [Key]) async throws(MemoryStoreError) -> [BoardSubsetRow] {
        guard members.count <= Self.maximumRows else {
            throw MemoryStoreError(.badInput, "at most \(Self.maximumRows) members at a time, not \(members.count)")
        }
        return try await withIndex { index async throws(MemoryStoreError) in
            let order = index.order
            let found = try await index.locate(Array(Set(members))).found.compactMap { $0 }
                .sorted { order.isBefore($0.entry.anchor, $1.entry.anchor) }
            let ranks = BoardRanking.ranks(rules.ranks, of: found.map(\.entry.level), start: 0, firstPlace: 0)
            return zip(ranks, found).map {
                BoardSubsetRow(subsetRank: $0, row: BoardRow($1.entry, rank: $1.rank))
            }
        }
    }

    /// Which part of the members has no better score than this one, in percent: 100 at the top; nil when it is not
    /// there.
    ///
    /// Members with the same score and subscore have the same percentile.
    ///
    /// - Throws: ``MemoryStoreError``.
    public func percentile(of member: Key) async throws(MemoryStoreError) -> Double? {
        try await withIndex { index async throws(MemoryStoreError) in
            let (found, total) = try await index.locate([member], style: .competition)
            guard let place = found[0]?.place, total > 0 else { return nil }
            return 100 * (1 - Double(place) / Double(total))
        }
    }

    /// How many members there are, or how many with a score in a range.
    ///
    /// - Throws: ``MemoryStoreError``.
    public func count(scores: ClosedRange<Int64>? = nil) async throws(MemoryStoreError) -> Int {
        try await withIndex { index async throws(MemoryStoreError) in try await index.count(of: scores) }
    }

    /// Submission counts and metadata of members, in the order asked for; nil for one that is not there.
    ///
    /// - Parameter members: At most ``maximumRows``.
    /// - Throws: ``MemoryStoreError``.
    public func details(of members: [Key]) async throws(MemoryStoreError) -> [BoardDetails?] {
        guard members.count <= Self.maximumRows else {
            throw MemoryStoreError(.badInput, "at most \(Self.maximumRows) members at a time, not \(members.count)")
        }
        return try await withIndex { index async throws(MemoryStoreError) in
            let found = try await index.locate(members).found
            let details = try await index.details(of: members)
            return zip(found, details).map { $0 == nil ? nil : $1 }
        }
    }
}

extension BoardRow {
    init(_ entry: BoardEntry, rank: Int) {
        self.init(rank: rank, member: entry.member, score: entry.score, subscore: entry.subscore)
    }
}
