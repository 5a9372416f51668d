import Logging

/// Executes groups, and once more in parts where one member may be to blame for a failure.
struct GroupRunner: Sendable {
    let store: any DurableStore
    let logger: Logger

    /// Answers in the order of the requests.
    func run(_ requests: [StoreRequest]) async -> [Result<StoreReply, StoreError>] {
        let start = ContinuousClock.now
        do {
            let replies = try await store.execute(requests)
            guard replies.count == requests.count else {
                let error = StoreError(.internalError, "the store gave \(replies.count) answers to \(requests.count)")
                return requests.map { _ in .failure(error) }
            }
            StorageMetrics.record(replies, took: start.duration(to: .now))
            return replies.map { .success($0) }
        } catch {
            if let parts = Self.parts(of: requests, after: error) { return await run(parts, of: requests) }
            logger.warning(
                "group failed",
                metadata: [
                    "store.code": "\(error.code)", "store.error": "\(error.message)",
                    "store.members": "\(requests.count)",
                ]
            )
            StorageMetrics.failed.increment(by: requests.count)
            return requests.map { _ in .failure(error) }
        }
    }

    /// The parts of a group that are tried again by themselves, by position; nil where that would not help.
    static func parts(of requests: [StoreRequest], after error: StoreError) -> [[Int]]? {
        switch error.code {
        case .badInput, .corrupt, .newerSchema, .internalError:
            return requests.count > 1 ? requests.indices.map { [$0] } : nil
        case .wrongDeployment:
            // A store that was not migrated yet: saves go on, and what needs the newer layout fails alone.
            let needs = requests.map { [$0].neededLayout }
            let old = requests.indices.filter { needs[$0] == .records }
            let new = requests.indices.filter { needs[$0] != .records }
            return old.isEmpty || new.isEmpty ? nil : [old, new]
        default:
            return nil
        }
    }

    /// Ends with the first part that the store could not be asked for: many of them would take many deadlines.
    private func run(_ parts: [[Int]], of requests: [StoreRequest]) async -> [Result<StoreReply, StoreError>] {
        var replies = [Result<StoreReply, StoreError>?](repeating: nil, count: requests.count)
        var away: StoreError?
        for part in parts {
            // Unknown, since an answer that could not be read may have been one to a commit.
            let skipped = away.map {
                StoreError(.outcomeUnknown, "the store went away while a group was tried in parts", underlying: $0)
            }
            let found =
                if let skipped {
                    part.map { _ in Result<StoreReply, StoreError>.failure(skipped) }
                } else {
                    await run(part.map { requests[$0] })
                }
            for (index, reply) in zip(part, found) {
                replies[index] = reply
                if away == nil, case .failure(let error) = reply, error.isRetriable { away = error }
            }
        }
        return replies.compactMap { $0 }
    }
}
