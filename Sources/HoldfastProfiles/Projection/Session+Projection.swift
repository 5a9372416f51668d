import HoldfastStorage

extension Session {
    /// The scores that belong into a commit.
    ///
    /// - Parameters:
    ///   - document: What the commit writes; nil when it deletes.
    ///   - version: The record's version before.
    func scores(of document: Document?, after version: Int64) -> ShownScores.Change {
        guard let boards = host.configuration.boards, !codec.projections.isEmpty else { return .none }
        let scores =
            document.map(codec.scores)
            ?? Dictionary(codec.projections.map { ($0.board, nil) }) { first, _ in first }
        // Only commits change it, and they come one at a time.
        let shown = state.withLock { $0.shown }
        let change = shown.change(
            to: scores, member: key, version: version + 1, targets: boards.projectionTargets(of:))
        host.metrics.droppedScores.increment(by: change.missing)
        return change
    }

    /// The store has a commit with these scores.
    func projected(_ change: ShownScores.Change) {
        guard !change.submissions.isEmpty else { return }
        state.withLock { $0.shown.committed(change) }
        host.configuration.boards?.projected(to: change.tables)
    }
}
