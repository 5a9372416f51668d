public import HoldfastStorage

/// A score that every profile of a collection shows on one board.
struct BoardProjection<Document: Sendable>: Sendable {
    /// The most boards that one collection projects to.
    static var maximumCount: Int { 8 }

    let board: String
    let score: @Sendable (Document) -> ScorePair?
}

extension CollectionOptions {
    /// Shows a score of every profile on a board; durable with the profile itself.
    ///
    /// Whenever a save writes the document, the score is part of the same commit: the board has it when the profile
    /// has, whatever dies in between, and Redis follows. The member is the profile's key. A score is written again only
    /// when it differs, when the board is in another season or close to a reset, or with the first save of a session.
    /// It goes to the season that is current by the store's clock; the season before keeps what it has. A deleted
    /// profile leaves the board.
    ///
    /// The board must exist, with the operator `set` or `best` and no bound on a member's submissions, when a process
    /// opens the first profile of the collection; ``CoordinatorConfiguration/boards`` says who knows it. Where the
    /// board refuses a score later, the profile is saved without it: no capacity left, an entry that the member has not
    /// joined, a season that is not open. So it is when the board was deleted.
    ///
    /// No other collection may project to the board: which score is newer is told by the version of its profile.
    ///
    /// - Parameters:
    ///   - board: The board's name.
    ///   - score: What the board shows of a document; nil takes the member off the board. Pure and quick: it may be
    ///     called at any time, on any thread.
    /// - Throws: ``ProfileError`` with code `badInput` for a board that is named twice, more than 8 boards, or an
    ///   integer type of more than 64 bits.
    public mutating func project<Score: FixedWidthInteger & SignedInteger & SendableMetatype>(
        to board: String, _ score: @escaping @Sendable (Document) -> Score?
    ) throws(ProfileError) {
        guard Score.bitWidth <= Int64.bitWidth else {
            throw ProfileError(.badInput, "a score has at most 64 bits")
        }
        try project(to: board) { document in score(document).map { ScorePair(score: Int64($0), subscore: 0) } }
    }

    /// Shows a score with a subscore of every profile on a board; durable with the profile itself.
    ///
    /// As the form without a subscore.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for a board that is named twice, or more than 8 boards.
    public mutating func project(
        to board: String, _ score: @escaping @Sendable (Document) -> ScorePair?
    ) throws(ProfileError) {
        guard !projections.contains(where: { $0.board.utf8.elementsEqual(board.utf8) }) else {
            throw ProfileError(.badInput, "the collection projects to board \(board.debugDescription) already")
        }
        let most = BoardProjection<Document>.maximumCount
        guard projections.count < most else {
            throw ProfileError(.badInput, "a collection projects to at most \(most) boards")
        }
        projections.append(BoardProjection(board: board, score: score))
    }
}
