import HoldfastStorage

/// Names what the store keeps of one board.
struct BoardSpace: Sendable, Hashable {
    /// The board's name.
    let board: String
    /// Drawn when the board was created: a board of the same name made later has other tables and keys.
    let generation: RandomID
    /// What the names of all score tables of this board start with.
    let tables: String

    init(board: String, generation: RandomID) {
        self.board = board
        self.generation = generation
        tables = "\(Self.prefix)\(board):\(generation):"
    }

    /// What the names of all boards' definitions start with, and those of all their score tables.
    static let prefix = "board:"

    /// The definition of a board.
    static func definition(of board: String) -> SpaceName { name("\(prefix)\(board)") }

    /// Where a deleted board is noted until all that it had is gone.
    var removal: SpaceName { Self.name("\(Self.removalPrefix)\(generation)") }

    /// What the names of all notes of deleted boards start with.
    static let removalPrefix = "board-gone:"

    /// Where the last season is noted whose end was announced.
    var announced: SpaceName { Self.name("board-end:\(generation)") }

    /// The score table of one season; tables of a board are listed in the order of their seasons.
    func table(_ season: Int64) -> SpaceName {
        let digits = String(season)
        return Self.name("\(tables)\(String(repeating: "0", count: max(0, Self.digits - digits.count)))\(digits)")
    }

    /// The board and the season of a score table; nil for a name that ``table(_:)`` never gives.
    static func parse(_ table: SpaceName) -> (space: BoardSpace, season: Int64)? {
        let text = table.description
        guard text.hasPrefix(prefix), let last = text.lastIndex(of: ":"),
            let middle = text[..<last].lastIndex(of: ":"),
            let season = Int64(text[text.index(after: last)...]),
            let generation = RandomID(hex: text[text.index(after: middle)..<last])
        else { return nil }
        let board = String(text[..<middle].dropFirst(prefix.count))
        let space = BoardSpace(board: board, generation: generation)
        return space.table(season) == table ? (space, season) : nil
    }

    /// The season's index in Redis.
    func address(_ season: Int64) -> BoardIndex.Address {
        BoardIndex.Address(board: board, season: String(season), generation: generation)
    }

    /// The year 9999 in milliseconds.
    private static let digits = 15

    /// Names of boards are checked, so what is built from them fits.
    private static func name(_ text: String) -> SpaceName {
        do {
            return try SpaceName(text)
        } catch {
            preconditionFailure("a board's name was not checked: \(error)")
        }
    }
}
