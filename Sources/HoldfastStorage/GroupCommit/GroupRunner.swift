import Logging

/// Executes groups, and once more in parts where one member may be to blame for a failure.
struct GroupRunner: Sendable {
    let store: any DurableStore
    let logger: Logger

    /// Answers in the order of the requests.
    func run(
        _ requests: [StoreRequest], watch: (any CallWatch)? = nil
    ) async -> [Result<StoreReply, StoreError>] {
        let start = ContinuousClock.now
        do {
            let replies = try await execute(requests, watch)
            guard replies.count == requests.count else {
                let error = StoreError(.internalError, "the store gave \(replies.count) answers to \(requests.count)")
                return requests.map { _ in .failure(error) }
            }
            StorageMetrics.record(replies, took: start.duration(to: .now))
            return replies.map { .success($0) }
        } catch {
            if let parts = Self.parts(of: requests, after: error) {
                return await run(parts, of: requests, after: error, watch)
            }
            logger.warning(
                "group failed",
                metadata: ["holdfast.error": "\(error)", "holdfast.requests": "\(requests.count)"])
            StorageMetrics.failed.increment(by: requests.count)
            return requests.map { _ in .failure(error) }
        }
    }

    private func execute(
        _ requests: [StoreRequest], _ watch: (any CallWatch)?
    ) async throws(StoreError) -> [StoreReply] {
        guard let watch else { return try await store.execute(requests) }
        return try await watch.inSpan(
            "store group", .call(.store, "group", record: requests.first?.records.first, count: requests.count)
        ) { () async throws(StoreError) in try await store.execute(requests) }
    }

    /// The parts of a group that are tried again by themselves, by position; nil where that would not help.
    static func parts(of requests: [StoreRequest], after error: StoreError) -> [[Int]]? {
        if isAboutRequest(error) { return requests.count > 1 ? requests.indices.map { [$0] } : nil }
        guard error.code == .wrongDeployment else { return nil }
        // A store that was not migrated yet: saves go on, and what needs the newer layout fails alone.
        let needs = requests.map { [$0].neededLayout }
        let parts = [LayoutNeed.records, .spaces, .history].map { need in
            requests.indices.filter { needs[$0] == need }
        }.filter { !$0.isEmpty }
        return parts.count > 1 ? parts : nil
    }

    /// Ends with the first part that the store could not be asked for: many of them would take many deadlines.
    private func run(
        _ parts: [[Int]], of requests: [StoreRequest], after error: StoreError, _ watch: (any CallWatch)?
    ) async -> [Result<StoreReply, StoreError>] {
        // Only a layout is looked at before anything is written; an answer that cannot be read may be one to a commit.
        let mayBeCommitted = error.code != .wrongDeployment
        var replies = [Result<StoreReply, StoreError>?](repeating: nil, count: requests.count)
        var away: StoreError?
        for part in parts {
            let found =
                if let away {
                    part.map { _ in Result<StoreReply, StoreError>.failure(away) }
                } else {
                    await run(part.map { requests[$0] }, watch: watch)
                }
            for (index, reply) in zip(part, found) {
                replies[index] = mayBeCommitted ? Self.doubted(reply) : reply
                if away == nil, case .failure(let error) = reply, error.isRetriable { away = error }
            }
        }
        return replies.compactMap { $0 }
    }

    /// What the answer to a request says when an earlier copy of it may have been committed.
    ///
    /// That nothing was changed is no longer known, and a refusal may come from what the earlier copy did. The same
    /// request sent again settles both, since it is then known as a repetition.
    private static func doubted(_ reply: Result<StoreReply, StoreError>) -> Result<StoreReply, StoreError> {
        switch reply {
        case .success(.commit(.refused)), .success(.commit(.decided)), .success(.commit(.storeRestored)):
            return .failure(StoreError(.outcomeUnknown, "refused, perhaps because an earlier try was committed"))
        case .failure(let error) where !error.isAmbiguous && !isAboutRequest(error):
            let text = "a group may have been committed, and its members could not be tried again: \(error.message)"
            return .failure(StoreError(.outcomeUnknown, text, underlying: error))
        default:
            return reply
        }
    }

    /// Whether one request of a group may be to blame.
    private static func isAboutRequest(_ error: StoreError) -> Bool {
        [.badInput, .corrupt, .newerSchema, .internalError].contains(error.code)
    }
}
