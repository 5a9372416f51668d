import HoldfastStorage

/// Adds one durable announcement to the store's log, whose oldest entries give way.
struct AnnouncementAppend: Sendable {
    let log: SpaceName
    let entry: AppendRequest.Entry
    let durable: MemoryStore.Durable
    /// The log is trimmed to this many entries once it holds a quarter more.
    let capacity: Int

    /// Expired entries are swept with every so manieth announcement.
    private static let sweepEvery: Int64 = 64

    /// Returns the entry's number; safe to repeat under the entry's id.
    func run() async throws(MemoryStoreError) -> Int64 {
        try await RepeatedRequest.run(within: durable.timeout) { limit, _ throws(MemoryStoreError) in
            let deadline = ContinuousClock.now + limit
            while true {
                switch try await append(before: deadline) {
                case .appended(_, let sequences):
                    guard let sequence = sequences.first else {
                        throw MemoryStoreError(.internalError, "the store numbered no entry")
                    }
                    if sequence % Self.sweepEvery == 0 { try? await trim(.expired, before: deadline) }
                    return sequence
                case .full:
                    guard .now < deadline else {
                        throw MemoryStoreError(.full, "others fill the channel as quickly as it is trimmed")
                    }
                    try await makeRoom(before: deadline)
                }
            }
        }
    }

    private func append(
        before deadline: ContinuousClock.Instant
    ) async throws(MemoryStoreError) -> AppendOutcome {
        let request = AppendRequest(log: log, entries: [entry], limit: capacity + capacity / 4)
        do {
            return try await durable.committer.append(request, timeout: deadline - .now)
        } catch {
            throw MemoryStoreError(error)
        }
    }

    /// Leaves the newest, as many as the copy in Redis has.
    private func makeRoom(before deadline: ContinuousClock.Instant) async throws(MemoryStoreError) {
        let last: Int64
        do {
            last = try await durable.store.entries(of: log, after: .max, limit: 1)?.lastSequence ?? 0
        } catch {
            throw MemoryStoreError(error)
        }
        try await trim(.through(last - Int64(capacity) + 1), before: deadline)
    }

    private func trim(
        _ which: TrimRequest.Which, before deadline: ContinuousClock.Instant
    ) async throws(MemoryStoreError) {
        do {
            _ = try await durable.committer.trim(TrimRequest(log: log, which: which), timeout: deadline - .now)
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
