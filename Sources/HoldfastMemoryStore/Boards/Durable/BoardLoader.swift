import HoldfastStorage

/// Brings one season from the store to Redis, from the first change on.
///
/// The season is filled aside and put in place when it is complete, so that nobody reads a part of it. One process
/// does it at a time; two at once would only make each other start again.
struct BoardLoader: Sendable {
    private let store: any DurableStore
    private let table: SpaceName
    private let index: BoardIndex
    private let duty: DutyLease

    /// How long a process that died in a load keeps others from it.
    private static let patience = Duration.seconds(10)
    private static let page = 1_000

    init(_ context: MemoryStore.Context, _ store: any DurableStore, _ table: SpaceName, _ index: BoardIndex) {
        self.store = store
        self.table = table
        self.index = index
        duty = DutyLease(context, area: "board", duty: "load.\(index.address.name)")
    }

    /// Loads the season, unless Redis has it.
    ///
    /// Readers never go back: what Redis has got meanwhile is loaded, too, before the season is put in place.
    ///
    /// - Parameter isForced: Loads it although Redis has it.
    /// - Returns: The change that Redis has reached; nil when another process is loading it, or got in between.
    func load(isForced: Bool) async throws(MemoryStoreError) -> Int64? {
        if !isForced, let cursor = try await index.cursor() { return cursor }
        if !isForced, try await page(after: 0, limit: 1)?.lastChange ?? 0 == 0 {
            try await index.create()
            return try await index.cursor()
        }
        guard await duty.hold(for: Self.patience) else { return nil }
        let result = await fill(isForced: isForced)
        await duty.release()
        return try result.get()
    }

    private func fill(isForced: Bool) async -> Result<Int64?, MemoryStoreError> {
        do throws(MemoryStoreError) {
            // Whoever had the duty before may have done it.
            if !isForced, let cursor = try await index.cursor() { return .success(cursor) }
            let cursor = try await fillAside()
            if cursor != nil { BoardMetrics.rebuilds.increment() }
            return .success(cursor)
        } catch {
            return .failure(error)
        }
    }

    private func fillAside() async throws(MemoryStoreError) -> Int64? {
        let next = index.replacement
        try await next.reset()
        var pending = Array(index.shards.indices)
        var cursor: Int64 = 0
        // How far Redis is where it is further, and how far what is in place got.
        var ahead: Int64 = 0
        var reached = Int64.max
        while true {
            guard !Task.isCancelled, await duty.hold(for: Self.patience) else { return nil }
            let page = try await page(after: cursor, limit: Self.page)
            let rows = page?.rows ?? []
            let last = page?.lastChange ?? 0
            let through = rows.count < Self.page ? last : rows[rows.count - 1].change
            if through > cursor {
                let answer = try await next.apply(rows.map(\.shown), from: cursor, through: through, to: pending)
                guard case .applied = answer else { return nil }
                cursor = through
            }
            guard rows.count < Self.page else { continue }
            reached = min(reached, cursor)
            // What Redis had before the store was read is in the store, unless the store went back.
            switch try await index.promoteReplacement(atLeast: cursor, in: pending, canGoBack: last < ahead) {
            case .done: return reached
            case .behind(let shards, let change): (pending, ahead) = (shards, change)
            case .absent: return nil
            }
        }
    }

    private func page(after change: Int64, limit: Int) async throws(MemoryStoreError) -> ScorePage? {
        do throws(StoreError) {
            return try await store.scores(of: table, changedAfter: change, limit: limit)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
