public import HoldfastStorage

/// Scores that come to boards with the commits of profiles: a coordinator is given the memory store for them.
extension MemoryStore: ScoreBoards {
    /// How far clocks of servers may be from the store's, and how long a commit may take: a score that is committed so
    /// close to a reset is offered to both seasons, and the store's clock chooses.
    static let seasonMarginMillis: Int64 = 60_000

    /// Reads a board that profiles project to.
    ///
    /// - Throws: ``StoreError``: `notFound` when there is no such board; `badInput` when it adds scores up, since a
    ///   projected score is the whole one, or bounds a member's submissions, since each save is one.
    public func follow(_ board: String) async throws(StoreError) {
        let record: BoardRecord
        do throws(MemoryStoreError) {
            record = try await requireBoards().catalog.follow(board)
        } catch {
            throw Self.storeError(error)
        }
        let rules = record.settings.rules
        let operators = [rules.scoreOperator] + (rules.subscoreOperator.map { [$0] } ?? [])
        guard operators.allSatisfy({ $0 == .set || $0 == .best }) else {
            throw StoreError(
                .badInput, "board \(board.debugDescription) adds scores up; profiles project to boards that set them")
        }
        guard record.conditions.maximumSubmissions == nil else {
            throw StoreError(.badInput, "board \(board.debugDescription) bounds the submissions of a member")
        }
    }

    /// See ``ScoreBoards/projectionTargets(of:)``.
    public func projectionTargets(of board: String) -> [ProjectionTarget]? {
        guard let boards = durableBoards, let record = boards.catalog.record(named: board) else { return nil }
        return record.projectionTargets(
            at: context.wallClock(), current: boards.catalog.season(of: record), margin: Self.seasonMarginMillis)
    }

    /// Brings the scores to Redis.
    public func projected(to tables: Set<SpaceName>) {
        for table in tables { durableBoards?.suspect(table) }
    }

    /// Removes members of boards and their notifications; scores that Redis alone has stay until they expire with it.
    public func erase(_ names: [Key], removing: Bool) async throws(StoreError) -> ErasedScores {
        do throws(MemoryStoreError) {
            return try await NameEraser(memory: self, names: names, removes: removing).run()
        } catch {
            throw Self.storeError(error)
        }
    }

    private static func storeError(_ error: MemoryStoreError) -> StoreError {
        if let error = error.underlying as? StoreError { return error }
        let codes: [MemoryStoreError.Code: StoreError.Code] = [
            .badInput: .badInput, .notFound: .notFound, .corrupt: .corrupt, .needsStore: .badInput,
        ]
        return StoreError(codes[error.code] ?? .internalError, error.message, underlying: error)
    }
}

extension BoardRecord {
    /// The seasons that may take a score committed about now: those whose window is open within the margin.
    func projectionTargets(at millis: Int64, current: Season, margin: Int64) -> [ProjectionTarget] {
        let (earliest, latest) = (millis - margin, millis + margin)
        var seasons = [current]
        // The calendar gives a tournament's last season again where there is no next one, and so with the first.
        let (before, after) = (calendar.season(at: earliest), calendar.season(at: latest))
        if before.id < current.id { seasons.insert(before, at: 0) }
        if after.id > current.id { seasons.append(after) }
        return seasons.compactMap { season in
            let window = calendar.window(of: season)
            guard !window.isEmpty, window.lowerBound <= latest, window.upperBound > earliest else { return nil }
            var conditions = conditions
            conditions.window = window
            return ProjectionTarget(
                table: space.table(season.id), rule: settings.rules.scoreRule(), conditions: conditions,
                isCertain: window.lowerBound <= earliest && window.upperBound > latest)
        }
    }
}
