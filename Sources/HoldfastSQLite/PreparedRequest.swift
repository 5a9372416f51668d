import HoldfastStorage

/// A request with everything converted that its statements need, so that nothing but SQL runs between
/// BEGIN and COMMIT.
enum PreparedRequest: Sendable {
    case seal(SealRequest)
    case commit(CommitRequest, writes: [PreparedWrite])
    case deliver(Delivery)
    case append(AppendRequest)
    case trim(TrimRequest)
    case submit(ScoreBatch)
    case decide(Decision)

    /// - Parameter keepsHistory: Whether the store's layout has a history.
    init(_ request: StoreRequest, keepsHistory: Bool, now: Int64) {
        switch request {
        case .seal(let seal): self = .seal(seal)
        case .deliver(let delivery): self = .deliver(delivery)
        case .append(let append): self = .append(append)
        case .trim(let trim): self = .trim(trim)
        case .submit(let batch): self = .submit(batch)
        case .decide(let decision): self = .decide(decision)
        case .commit(let commit):
            self = .commit(
                commit, writes: commit.writes.map { PreparedWrite($0, keepsHistory: keepsHistory, now: now) })
        }
    }
}
