import HoldfastRedis
import HoldfastStorage
import Logging

/// What is done for boards now and then: find what Redis lost or never got, and remove what nobody needs any more.
///
/// Every process looks after the boards that it uses; one of them looks after all. Nothing is lost when all are late.
struct BoardDuties: Sendable {
    private static let tick = 1.5...2.5
    /// How long one process looks after all boards before another one may.
    private static let lease = Duration.seconds(15)
    /// How many boards are looked at in one tick.
    private static let boardsOfATick = 50
    /// How long a season that has ended stays in Redis at least.
    static let archiveMillis: Int64 = 86_400_000
    /// How long a season that has ended is still compared with the store.
    private static let lateMillis: Int64 = 600_000
    private static let cleaning = Duration.seconds(60)

    private let boards: DurableBoards
    private let fleet: DutyLease

    init(_ boards: DurableBoards) {
        self.boards = boards
        fleet = DutyLease(boards.context, area: "boards", duty: "all")
    }

    /// Runs until cancelled.
    func run() async {
        var server: String?
        var place: String?
        var cleanedAt: ContinuousClock.Instant?
        var wasOnDuty = false
        while (try? await Task.sleep(for: .seconds(Double.random(in: Self.tick)))) != nil {
            await boards.catalog.refresh()
            // Another process of Redis: a restart or a failover, which may have taken data along.
            let found = boards.context.redis.server()?.runID
            if let found, found != server {
                if server != nil { boards.projector.suspectAll() }
                server = found
            }
            guard await fleet.hold(for: Self.lease) else { continue }
            wasOnDuty = true
            await check(&place)
            guard cleanedAt.map({ ContinuousClock.now - $0 >= Self.cleaning }) ?? true else { continue }
            cleanedAt = .now
            await clean()
        }
        if wasOnDuty { await fleet.release() }
    }

    /// Compares some boards with the store, from where the last call ended.
    private func check(_ place: inout String?) async {
        do throws(MemoryStoreError) {
            let records = try await boards.catalog.list(startingWith: "", after: place, limit: Self.boardsOfATick)
            place = records.count < Self.boardsOfATick ? nil : records.last?.space.board
            let now = boards.context.wallClock()
            for record in records {
                let season = record.calendar.season(at: now).id
                boards.projector.suspect(record.space.table(season), try boards.index(record, season))
                try await checkLast(before: season, of: record, at: now)
            }
        } catch {
            tell("boards were not compared with the store", error)
        }
    }

    /// Compares a season that has just ended: a process that died may have left its last scores.
    private func checkLast(
        before season: Int64, of record: BoardRecord, at now: Int64
    ) async throws(MemoryStoreError) {
        guard season > 0, now - season < Self.lateMillis else { return }
        let last = record.calendar.season(at: season - 1).id
        let table = record.space.table(last)
        let page: ScorePage?
        do throws(StoreError) {
            page = try await boards.durable.store.scores(of: table, changedAfter: 0, limit: 1)
        } catch {
            throw MemoryStoreError(error)
        }
        if page?.lastChange ?? 0 > 0 { boards.projector.suspect(table, try boards.index(record, last)) }
    }

    /// Removes what deleted boards left, seasons that are not kept, and old seasons from Redis.
    func clean() async {
        do throws(MemoryStoreError) {
            try await BoardRemoval.finishAll(boards)
            var after: String?
            while true {
                let records = try await boards.catalog.list(startingWith: "", after: after, limit: 100)
                for record in records where record.settings.schedule != .never { try await clean(record) }
                guard records.count == 100, let last = records.last else { return }
                after = last.space.board
            }
        } catch {
            tell("old seasons were not removed", error)
        }
    }

    private func clean(_ record: BoardRecord) async throws(MemoryStoreError) {
        let now = boards.context.wallClock()
        let current = record.calendar.season(at: now).id
        let removal = BoardRemoval(boards, record)
        let tables = try await DurableBoardSource(boards: boards, record: record).tables()
        let archived = tables.filter { BoardSpace.parse($0.name).map { $0.season < current } ?? false }
        let scored = archived.filter { $0.last > 0 }
        let announced = try await announced(record)
        let dropped = record.settings.keptSeasons.map { scored.prefix(max(0, scored.count - $0)) } ?? []
        for table in dropped {
            // Not before its hooks were called, where there are any.
            guard let season = BoardSpace.parse(table.name)?.season, announced.map({ season <= $0 }) ?? true else {
                continue
            }
            try await removal.remove(table.name)
        }
        for table in archived {
            guard let id = BoardSpace.parse(table.name)?.season, let season = record.calendar.season(id: id),
                let end = season.endsAtMillis, end < now - Self.archiveMillis
            else { continue }
            if table.last == 0 {
                try await removal.remove(table.name)
            } else {
                // Whoever reads it again loads it from the store.
                try await boards.index(record, id).drop()
            }
        }
    }

    /// The last season whose end was announced; nil where no server has ever had a hook.
    private func announced(_ record: BoardRecord) async throws(MemoryStoreError) -> Int64? {
        do {
            return try await SeasonAnnouncer.read(record.space, boards.durable.store).season
        } catch let error as MemoryStoreError {
            throw error
        } catch let error as StoreError {
            throw MemoryStoreError(error)
        } catch {
            throw MemoryStoreError(.internalError, "the note of announced seasons: \(error)", underlying: error)
        }
    }

    private func tell(_ what: String, _ error: MemoryStoreError) {
        boards.context.logger.debug("\(what)", metadata: ["holdfast.error": "\(error)"])
    }
}
