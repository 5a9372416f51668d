import HoldfastStorage

/// Removes from a queue's log what Redis has taken and no longer holds, and what has expired.
///
/// Whoever removes an item trims the log itself; the scrub is for those who died in between. It goes through the log
/// bit by bit, a bounded number of entries each time.
struct QueueScrub: Sendable {
    let scripts: QueueScripts
    let durable: MemoryStore.Durable
    let log: SpaceName

    private static let page = 100
    private static let pages = 10

    /// Looks at up to 1,000 entries behind `place`; returns where the next scrub begins, 0 after the last entry.
    func run(after place: Int64) async throws(MemoryStoreError) -> Int64 {
        try await trimExpired()
        var place = place
        for _ in 0..<Self.pages {
            let page: LogPage?
            do {
                page = try await durable.store.entries(of: log, after: place, limit: Self.page)
            } catch {
                throw MemoryStoreError(error)
            }
            guard let page, let last = page.entries.last else { return 0 }
            let gone = try await scripts.gone(of: page.entries, generation: page.generation)
            try await trim(gone)
            place = last.sequence
            if page.entries.count < Self.page { return 0 }
        }
        return place
    }

    /// Removes entries by id; safe to repeat.
    func trim(_ ids: [RandomID]) async throws(MemoryStoreError) {
        guard !ids.isEmpty else { return }
        _ = try await trim(.ids(ids))
    }

    /// Removes what expired by the store's clock, at most 10,000 entries.
    func trimExpired() async throws(MemoryStoreError) {
        for _ in 0..<Self.pages where try await trim(.expired) < 1_000 { return }
    }

    private func trim(_ which: TrimRequest.Which) async throws(MemoryStoreError) -> Int {
        do {
            return try await durable.committer.trim(TrimRequest(log: log, which: which), timeout: durable.timeout)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
