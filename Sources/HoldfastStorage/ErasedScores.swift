/// What was held under a person's names besides records.
public struct ErasedScores: Sendable, Equatable {
    /// Scores on boards, each season's by itself.
    public var scores: Int
    /// The boards that they were on.
    public var boards: [String]
    /// Notifications.
    public var notifications: Int

    /// Nothing, unless told otherwise.
    public init(scores: Int = 0, boards: [String] = [], notifications: Int = 0) {
        self.scores = scores
        self.boards = boards
        self.notifications = notifications
    }

    /// Adds what was found later.
    public static func += (left: inout ErasedScores, right: ErasedScores) {
        left.scores += right.scores
        left.boards += right.boards.filter { !left.boards.contains($0) }
        left.notifications += right.notifications
    }
}
