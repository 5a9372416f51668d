import HoldfastStorage

/// Carries out what a ``ProjectionLane`` decides for one season; keeps nothing in mind.
struct SeasonPump: Sendable {
    let context: MemoryStore.Context
    let store: any DurableStore
    let table: SpaceName
    let index: BoardIndex
    /// Adds to rows what the store does not have yet.
    let withBehind: @Sendable ([ScoreRow], SpaceName) -> [ScoreRow]

    /// How many rows of the table are read at once.
    private static let page = 1_000

    /// Takes a step.
    ///
    /// - Returns: What to tell the lane; nothing where another process does it at the moment.
    /// - Throws: ``MemoryStoreError``; what was sent may have arrived.
    func perform(_ step: ProjectionLane.Step) async throws(MemoryStoreError) -> [ProjectionLane.Answer] {
        switch step {
        case .rest, .wait: []
        case .inspect: [.inspected(try await index.cursor())]
        case .apply(let rows, let from, let through): [try await apply(rows, from: from, through: through)]
        case .read(let after): try await read(after: after)
        case .load(let anew):
            try await BoardLoader(context, store, table, index).load(isForced: anew).map { [.loaded(through: $0)] }
                ?? []
        }
    }

    private func read(after: Int64) async throws(MemoryStoreError) -> [ProjectionLane.Answer] {
        let page: ScorePage?
        do throws(StoreError) {
            page = try await store.scores(of: table, changedAfter: after, limit: Self.page)
        } catch {
            throw MemoryStoreError(error)
        }
        let last = page?.lastChange ?? 0
        guard last >= after else { return [.ahead] }
        let rows = page?.rows ?? []
        let through = rows.count < Self.page ? last : rows[rows.count - 1].change
        let applied: ProjectionLane.Answer =
            through > after ? try await apply(rows, from: after, through: through) : .applied(through: after)
        guard case .applied = applied else { return [applied] }
        return [applied, .read(through: through, last: last)]
    }

    private func apply(
        _ rows: [ScoreRow], from: Int64, through: Int64
    ) async throws(MemoryStoreError) -> ProjectionLane.Answer {
        switch try await index.apply(withBehind(rows, table).map(\.shown), from: from, through: through) {
        case .applied(let cursor): .applied(through: cursor)
        case .gap(let cursor): .gap(at: cursor)
        case .absent: .lost
        }
    }
}

extension ScoreRow {
    /// As a board shows it: who has joined and has no score has no rank.
    var shown: ScoreRow {
        guard submissions == 0 else { return self }
        var row = self
        row.isRemoved = true
        return row
    }
}
