import HoldfastStorage
import Logging

/// Calls the hooks of seasons that have ended, and notes in the store which ones were called.
struct SeasonAnnouncer: Sendable {
    /// The most seasons that are made up for.
    static let limit = 100
    private static let interval = 0.8...1.2
    private static let lease = Duration.seconds(10)
    /// How long ranks may need to reach Redis before a hook is put off.
    private static let patience = Duration.seconds(10)

    private let boards: DurableBoards

    init(_ boards: DurableBoards) {
        self.boards = boards
    }

    /// Runs until cancelled.
    func run() async {
        var announced: [BoardSpace: Int64] = [:]
        var pauses: [BoardSpace: (until: ContinuousClock.Instant, tries: Int)] = [:]
        while (try? await Task.sleep(for: .seconds(Double.random(in: Self.interval)))) != nil {
            for (record, hooks) in boards.hooks.boards {
                if let pause = pauses[record.space], pause.until > .now { continue }
                do {
                    try boards.catalog.check(record.space)
                } catch {
                    boards.hooks.remove(record.space)
                    continue
                }
                guard !due(record, after: announced[record.space]).isEmpty else { continue }
                do {
                    announced[record.space] = try await announce(record, hooks)
                    pauses[record.space] = nil
                } catch {
                    let tries = min(pauses[record.space]?.tries ?? 0, 6) + 1
                    pauses[record.space] = (.now + .seconds(1 << tries), tries)
                    boards.context.logger.error(
                        "the end of a season is announced later",
                        metadata: ["holdfast.board": "\(record.space.board)", "holdfast.error": "\(error)"])
                }
            }
        }
    }

    /// The seasons whose end is to be announced.
    private func due(_ record: BoardRecord, after announced: Int64?) -> [Season] {
        let now = boards.context.wallClock()
        return record.calendar.ended(after: announced, by: now, limit: Self.limit).filter { season in
            record.calendar.window(of: season).upperBound > record.createdAtMillis
        }
    }

    /// Announces what is due; returns the last season that was announced, here or elsewhere.
    private func announce(_ record: BoardRecord, _ hooks: [SeasonHooks.Hook]) async throws -> Int64? {
        let duty = DutyLease(boards.context, area: "board", duty: "end.\(record.space.generation)")
        guard await duty.hold(for: Self.lease) else { return nil }
        let result = await Self.holding(duty) { await self.announceAll(record, hooks) }
        await duty.release()
        return try result.get()
    }

    /// Keeps the duty while `body` runs.
    private static func holding<Value: Sendable>(
        _ duty: DutyLease, _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: lease / 3)) != nil { _ = await duty.hold(for: lease) }
                return nil
            }
            group.addTask { await body() }
            defer { group.cancelAll() }
            while true {
                if case .some(.some(let value)) = await group.next() { return value }
            }
        }
    }

    private func announceAll(
        _ record: BoardRecord, _ hooks: [SeasonHooks.Hook]
    ) async -> Result<Int64?, any Error> {
        do {
            let store = boards.durable.store
            var (announced, version) = try await Self.read(record.space, store)
            for season in due(record, after: announced) {
                guard try await isClosed(season, record) else { break }
                let board = Board(
                    name: record.space.board, rules: record.settings.rules,
                    source: DurableBoardSource(boards: boards, record: record, pinned: season))
                do {
                    for hook in hooks { try await hook(board, season) }
                } catch {
                    BoardMetrics.failedHooks.increment()
                    throw error
                }
                let value = Array(#"{"season":\#(season.id)}"#.utf8)
                let outcome = try await store.putDefinition(record.space.announced, value: value, ifVersion: version)
                BoardMetrics.announced.increment()
                guard case .stored(let written) = outcome else {
                    // Another server took over in between; it goes on.
                    return .success(try await Self.read(record.space, store).season)
                }
                (announced, version) = (season.id, written)
            }
            return .success(announced)
        } catch {
            return .failure(error)
        }
    }

    /// The last season whose end was announced; nil before the first.
    static func read(
        _ space: BoardSpace, _ store: any DurableStore
    ) async throws -> (season: Int64?, version: Int64) {
        guard let definition = try await store.definition(space.announced) else { return (nil, 0) }
        guard let season = try CanonicalJSON.parse(definition.value)["season"]?.int64 else {
            throw MemoryStoreError(.corrupt, "the note of announced seasons of board \(space.board) cannot be read")
        }
        return (season, definition.version)
    }

    /// Whether the store takes no scores for the season any more, and Redis has all of them.
    private func isClosed(_ season: Season, _ record: BoardRecord) async throws -> Bool {
        let table = record.space.table(season.id)
        // For a member that nobody is, so that it changes nothing. The store looks at its clock under the table's lock:
        // whatever comes after this one is later, too.
        let probe = ScoreSubmission(
            table: table, member: try Key(RandomID.random().description), action: .remove,
            conditions: .init(window: 0..<record.calendar.window(of: season).upperBound))
        let outcome = try await boards.durable.committer.submit(
            ScoreBatch(id: .random(), submissions: [probe]), timeout: boards.durable.timeout)
        guard case .refused(.outsideWindow)? = outcome.outcomes.first else { return false }
        let last = try await boards.durable.store.scores(of: table, changedAfter: 0, limit: 1)?.lastChange ?? 0
        guard last > 0 else { return true }
        boards.suspect(table)
        guard await boards.projector.wait(for: last, of: table, within: Self.patience) else {
            throw MemoryStoreError(.rebuilding, "Redis does not have all scores of the season yet")
        }
        return true
    }
}
