import HoldfastStorage

/// Commits one request and stays with it until the store has answered.
struct Settler: Sendable {
    enum Outcome: Sendable {
        /// This attempt, or an earlier copy of it, is on disk.
        case committed
        /// This attempt wrote nothing; one refusal for each write.
        case refused([Refusal])
        /// Certainly not written, and the deadline has passed.
        case failed(StoreError)
    }

    /// Why a write did not happen.
    struct Refusal: Sendable {
        let verdict: SaveJudge.Verdict
        let found: RowState?
        /// Operations of the request that were no longer pending.
        let settled: [OperationID]
        /// An earlier attempt's answer was lost: it may have been written, and followed by another session's.
        let wasAmbiguous: Bool
    }

    let host: SessionHost
    /// Whether it goes ahead of the store's budget from the first attempt on, as those after a lost answer do.
    var isUrgent = false

    /// Sends `request` until it is answered.
    ///
    /// An attempt that certainly changed nothing may be given up at `deadline`. After an ambiguous one the same
    /// bytes are sent again for as long as the coordinator runs; `overdue` is called once when that passes the
    /// deadline. What is told of it then is ambiguous as well, whatever the last attempt met.
    func settle(
        _ request: CommitRequest, until deadline: ContinuousClock.Instant, overdue: (StoreError) -> Void
    ) async -> Outcome {
        var isAmbiguous = false
        var isOverdue = false
        var failures = 0
        while true {
            do throws(StoreError) {
                let timeout = isAmbiguous ? host.configuration.saveTimeout : max(.milliseconds(1), deadline - .now)
                switch try await host.committer.commit(
                    request, timeout: timeout, isUrgent: isUrgent || isAmbiguous)
                {
                case .committed:
                    return .committed
                case .refused(let rows, let settled):
                    let verdicts = zip(request.writes, rows).map { SaveJudge.judge($0, found: $1) }
                    if verdicts.contains(.committedBefore) { return .committed }
                    if isAmbiguous, Self.hasReleased(request, rows) { return .committed }
                    return .refused(
                        zip(verdicts, rows).map { verdict, row in
                            Refusal(verdict: verdict, found: row, settled: settled, wasAmbiguous: isAmbiguous)
                        }
                    )
                case .decided(let verdict):
                    return Self.refused(request, .decided(verdict), wasAmbiguous: isAmbiguous)
                case .storeRestored:
                    return Self.refused(request, .storeRestored, wasAmbiguous: isAmbiguous)
                }
            } catch {
                if error.isAmbiguous {
                    isAmbiguous = true
                    for write in request.writes { host.observer?.ambiguous(write.id) }
                    host.metrics.ambiguousCommits.increment()
                }
                if !isAmbiguous, !error.isRetriable || ContinuousClock.now >= deadline {
                    return .failed(error)
                }
                let told = isAmbiguous ? Self.unknown(error) : error
                if error.code == .closed || Task.isCancelled { return .failed(told) }
                if !isOverdue, ContinuousClock.now >= deadline {
                    isOverdue = true
                    overdue(told)
                }
                failures += 1
                let pause = error.code.retryPauses.pause(after: failures, chance: .random(in: 0...1))
                try? await Task.sleep(for: pause)
            }
        }
    }

    private static func refused(
        _ request: CommitRequest, _ verdict: SaveJudge.Verdict, wasAmbiguous: Bool
    ) -> Outcome {
        .refused(
            request.writes.map { _ in
                Refusal(verdict: verdict, found: nil, settled: [], wasAmbiguous: wasAmbiguous)
            }
        )
    }

    /// What the last failure means once any attempt was ambiguous: that one may have been written, whatever the last
    /// one says of itself.
    private static func unknown(_ last: StoreError) -> StoreError {
        guard !last.isAmbiguous else { return last }
        return StoreError(
            .outcomeUnknown, "an attempt was not answered, and the store could not be asked again: \(last.message)",
            underlying: last)
    }

    /// Whether an earlier copy of a request was committed that writes no content and only releases its rows.
    ///
    /// It leaves no save id; but under an unbroken fence nobody else clears this owner.
    private static func hasReleased(_ request: CommitRequest, _ rows: [RowState?]) -> Bool {
        zip(request.writes, rows).allSatisfy { write, row in
            guard case .none = write.change, write.releases else { return false }
            return row?.owner == nil && row?.fence == write.fence && row?.version == write.version
        }
    }
}
