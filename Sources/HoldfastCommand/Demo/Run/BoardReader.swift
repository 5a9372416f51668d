import HoldfastMemoryStore
import HoldfastStorage

/// Reads every board of a finished run from Redis, rank by rank, and journals it for the verifier.
///
/// Redis may lack the last changes of a server that was killed: the library promises that they follow, so the reader
/// looks again for a while before it takes what it sees as the end.
struct BoardReader: Sendable {
    private static let pause: Duration = .milliseconds(100)
    /// Less than most boards have, so that pages are read on from their cursors.
    private static let pageRows = 50

    let memory: MemoryStore
    let collection: String
    let players: Int
    let journal: DemoJournal
    /// Longer than a dead server can keep others from the duty of comparing boards with the store.
    var patience: Duration = .seconds(20)

    /// Reads and journals all boards.
    func read() async throws {
        let deadline = ContinuousClock.now + patience
        for board in DemoBoard.allCases {
            let rows = try await rows(of: board, until: deadline)
            for row in rows {
                journal.write(
                    "ranked",
                    [
                        ("board", .string(board.rawValue)), ("rank", .integer(Int64(row.rank))),
                        ("key", "\(row.member)"), ("score", .integer(row.score)),
                    ])
            }
            journal.write("ranking", [("board", .string(board.rawValue)), ("rows", .integer(Int64(rows.count)))])
        }
    }

    /// Reads a board until Redis shows what the store has, or the deadline has passed.
    ///
    /// A board that is being rebuilt, and a side that is away for a moment, are asked again until then.
    private func rows(
        of board: DemoBoard, until deadline: ContinuousClock.Instant
    ) async throws -> [BoardRow] {
        while true {
            do {
                let source = try await memory.board(board.name(in: collection))
                let rows = try await rows(of: source)
                if .now >= deadline { return rows }
                if try await isComplete(rows, source) { return rows }
            } catch let error as MemoryStoreError {
                guard error.isRetriable, .now < deadline else { throw error }
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// All rows in Redis' order.
    private func rows(of board: Board) async throws(MemoryStoreError) -> [BoardRow] {
        var rows: [BoardRow] = []
        var cursor: BoardCursor?
        repeat {
            let page = try await board.top(Self.pageRows, after: cursor, maximumAge: .zero)
            rows += page.rows
            cursor = page.next
        } while cursor != nil
        return rows
    }

    /// Whether Redis shows what the store has.
    private func isComplete(_ rows: [BoardRow], _ board: Board) async throws -> Bool {
        let shown = Dictionary(rows.map { ($0.member, $0.score) }, uniquingKeysWith: { first, _ in first })
        let names = try (0..<players).map { try Key(FleetPlayer.name($0)) }
        for start in stride(from: 0, to: names.count, by: 1_000) {
            let part = Array(names[start..<min(start + 1_000, names.count)])
            let stored = try await board.stored(part)
            guard zip(part, stored).allSatisfy({ shown[$0] == $1?.score }) else { return false }
        }
        return true
    }
}
