import HoldfastStorage

/// Commits one request and stays with it until the store has answered.
struct Settler: Sendable {
    enum Outcome: Sendable {
        /// This attempt, or an earlier copy of it, is on disk.
        case committed
        /// Nothing was written; one verdict and row for each write.
        case refused([SaveJudge.Verdict], settled: [OperationID], rows: [RowState?])
        /// Certainly not written, and the deadline has passed.
        case failed(StoreError)
    }

    let host: SessionHost

    /// Sends `request` until it is answered.
    ///
    /// An attempt that certainly changed nothing may be given up at `deadline`. After an ambiguous one the same
    /// bytes are sent again for as long as the coordinator runs; `overdue` is called once when that passes the deadline.
    func settle(
        _ request: CommitRequest, until deadline: ContinuousClock.Instant, overdue: () -> Void
    ) async -> Outcome {
        var isAmbiguous = false
        var isOverdue = false
        var failures = 0
        while true {
            do throws(StoreError) {
                let timeout = isAmbiguous ? host.configuration.saveTimeout : max(.milliseconds(1), deadline - .now)
                switch try await host.committer.commit(request, timeout: timeout) {
                case .committed:
                    return .committed
                case .refused(let rows, let settled):
                    let verdicts = zip(request.writes, rows).map { SaveJudge.judge($0, found: $1) }
                    if verdicts.contains(.committedBefore) { return .committed }
                    // A commit of receipts alone leaves no save id; under an unbroken fence nobody else settles.
                    if isAmbiguous, !settled.isEmpty, verdicts.allSatisfy({ $0 == .intact }) { return .committed }
                    return .refused(verdicts, settled: settled, rows: rows)
                }
            } catch {
                if error.code == .outcomeUnknown {
                    isAmbiguous = true
                    for write in request.writes { host.observer?.ambiguous(write.id) }
                    host.metrics.ambiguousCommits.increment()
                }
                if !isAmbiguous, !error.isRetriable || ContinuousClock.now >= deadline {
                    return .failed(error)
                }
                if error.code == .closed || Task.isCancelled { return .failed(error) }
                if !isOverdue, ContinuousClock.now >= deadline {
                    isOverdue = true
                    overdue()
                }
                failures += 1
                let pause = Duration.milliseconds(20) * (1 << min(failures, 6)) * Double.random(in: 0.5...1)
                try? await Task.sleep(for: pause)
            }
        }
    }
}
