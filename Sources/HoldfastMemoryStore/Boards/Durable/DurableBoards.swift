import HoldfastStorage
import Synchronization

/// The boards of one process that the store feeds.
final class DurableBoards: Sendable {
    let context: MemoryStore.Context
    let durable: MemoryStore.Durable
    let catalog: BoardCatalog
    let writer: ScoreWriter
    let projector: BoardProjector
    let hooks = SeasonHooks()
    private let pages: BoardPages
    private let indexes = Mutex<[BoardIndex.Address: BoardIndex]>([:])

    /// Indexes are cheap to make again.
    private static let rememberedIndexes = 1_000

    init(_ context: MemoryStore.Context, _ durable: MemoryStore.Durable, pages: BoardPages) {
        self.context = context
        self.durable = durable
        self.pages = pages
        catalog = BoardCatalog(durable.store, wallClock: context.wallClock)
        let writer = ScoreWriter(durable, wallClock: context.wallClock, logger: context.logger)
        self.writer = writer
        projector = BoardProjector(context, store: durable.store) { writer.withBehind($0, of: $1) }
    }

    /// Runs everything behind the boards until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.writer.run(self.follower) }
            group.addTask { await self.projector.run() }
            group.addTask { await BoardDuties(self).run() }
            group.addTask { await SeasonAnnouncer(self).run() }
        }
    }

    private var follower: ScoreWriter.Follower {
        ScoreWriter.Follower(
            applied: { self.project($0, $1) },
            reaches: { await self.projector.wait(for: $1, of: $0, within: self.context.boardWaits.plain) })
    }

    // MARK: - Seasons

    /// One season in Redis.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`, which a record that was read never causes.
    func index(_ record: BoardRecord, _ season: Int64) throws(MemoryStoreError) -> BoardIndex {
        let address = record.space.address(season)
        if let known = indexes.withLock({ $0[address] }) { return known }
        let index = try BoardIndex(context, address, rules: record.settings.rules, isProjected: true, pages: pages)
        indexes.withLock { indexes in
            if indexes.count >= Self.rememberedIndexes { indexes.removeAll() }
            indexes[address] = index
        }
        return index
    }

    /// The season of a score table in Redis; nil where this process knows no such board.
    func index(of table: SpaceName) -> BoardIndex? {
        guard let (space, season) = BoardSpace.parse(table), let record = catalog.record(of: space) else { return nil }
        return try? index(record, season)
    }

    /// Says that the store may have changes of a table that Redis lacks.
    func suspect(_ table: SpaceName) {
        if let index = index(of: table) { projector.suspect(table, index) }
    }

    /// Brings a season up to date that this process uses for the first time: who changed it last may have died before
    /// Redis had it.
    ///
    /// Does not wait for long, nor where Redis fails: later reads and scores find what is missing, too.
    ///
    /// - Throws: ``MemoryStoreError`` where the store fails.
    func catchUp(_ record: BoardRecord, _ season: Int64) async throws(MemoryStoreError) {
        let table = record.space.table(season)
        guard !projector.knows(table) else { return }
        let last: Int64
        do throws(StoreError) {
            last = try await durable.store.scores(of: table, changedAfter: 0, limit: 1)?.lastChange ?? 0
        } catch {
            throw MemoryStoreError(error)
        }
        let index = try index(record, season)
        projector.suspect(table, index)
        guard last > 0 else {
            // All parts at once: scores that met only some of them would be in place in part.
            if index.shards.count > 1 { try? await index.create() }
            return
        }
        _ = await projector.wait(for: last, of: table, within: context.boardWaits.first)
    }

    // MARK: - Writing

    /// Makes changes durably and waits a moment for Redis to have them, longer where ranks are to be read.
    ///
    /// - Returns: An outcome for each, in their order, and whether Redis has all of them.
    func write(
        _ changes: [ScoreWriter.Change], timeout: Duration?, ranked: Bool = false
    ) async throws(MemoryStoreError) -> (outcomes: [ScoreOutcome], isProjected: Bool) {
        let answer: ScoreWriter.Answer
        do throws(StoreError) {
            answer = try await writer.write(changes, timeout: timeout ?? durable.timeout)
        } catch {
            throw MemoryStoreError(error)
        }
        if let isProjected = answer.isProjected, isProjected || !ranked {
            return (answer.outcomes.map(\.outcome), isProjected)
        }
        let deadline = ContinuousClock.now + (ranked ? context.boardWaits.ranked : context.boardWaits.plain)
        var isProjected = true
        for (table, change) in answer.reached {
            let left = deadline - ContinuousClock.now
            isProjected = await projector.wait(for: change, of: table, within: left) && isProjected
        }
        return (answer.outcomes.map(\.outcome), isProjected)
    }

    /// Hands what the store has applied on to Redis.
    private func project(_ batch: ScoreBatcher.Batch, _ outcome: ScoreBatchOutcome) {
        for (table, news) in batch.news(outcome) {
            guard let index = index(of: table) else { continue }
            if let changes = news.changes {
                projector.committed(changes, rows: news.rows, table: table, index: index)
            } else {
                projector.suspect(table, index)
            }
        }
    }
}

extension MemoryStore {
    /// The boards that the store feeds.
    ///
    /// - Throws: ``MemoryStoreError`` with code `needsStore`.
    func requireBoards() throws(MemoryStoreError) -> DurableBoards {
        guard let durableBoards else {
            _ = try context.requireDurable()
            throw MemoryStoreError(.needsStore, "this memory store was made without a durable store")
        }
        return durableBoards
    }
}
