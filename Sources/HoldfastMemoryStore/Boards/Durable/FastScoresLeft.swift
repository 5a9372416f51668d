/// What of the fast scores of a process the store does not have; those that are sent as one count once.
package struct FastScoresLeft: Sendable, Equatable {
    /// On their way.
    package var unsaved = 0
    /// Given up since the process began.
    package var lost = 0
}

extension Board {
    /// What the store does not have of the fast scores of this process, for all boards.
    package var fastScoresLeft: FastScoresLeft {
        guard let source = source as? DurableBoardSource else { return FastScoresLeft() }
        return source.boards.writer.state.withLock {
            FastScoresLeft(unsaved: $0.batcher.unsavedCount, lost: $0.lostFast)
        }
    }
}

/// So many fast scores are on their way to the store that no more are taken.
struct FastScoresBehind: Error {}

extension MemoryStoreError {
    /// Whether fast scores were refused, and none was sent, until the store has more of those before them.
    package var isFastScoresBehind: Bool { underlying is FastScoresBehind }
}
