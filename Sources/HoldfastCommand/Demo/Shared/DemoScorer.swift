import HoldfastMemoryStore
import HoldfastStorage
import Synchronization

/// Submits scores durably and keeps the journal of them: a line before each, and one when its fate is known.
///
/// A submission without a second line may or may not have taken effect.
final class DemoScorer: Sendable {
    private let memory: MemoryStore
    private let collection: String
    private let journal: DemoJournal
    private let counters: DemoCounters
    private let state = Mutex((boards: [DemoBoard: Board](), last: Int64(0)))

    init(memory: MemoryStore, collection: String, journal: DemoJournal, counters: DemoCounters) {
        self.memory = memory
        self.collection = collection
        self.journal = journal
        self.counters = counters
    }

    /// Finds the boards, which the demo has made.
    func open() async throws {
        for board in DemoBoard.allCases {
            let found = try await memory.board(board.name(in: collection))
            state.withLock { $0.boards[board] = found }
        }
    }

    /// Submits one score; never throws, since the journal says what became of it.
    func submit(_ score: Int, for player: Key, to board: DemoBoard) async {
        let (target, number) = state.withLock { state in
            state.last += 1
            return (state.boards[board], state.last)
        }
        guard let target else { return }
        journal.write(
            "scoring",
            [
                ("number", .integer(number)), ("board", .string(board.rawValue)), ("key", "\(player)"),
                ("score", .integer(Int64(score))),
            ])
        do throws(MemoryStoreError) {
            try await target.submit(Int64(score), for: player)
            journal.write("scored", [("number", .integer(number))])
            counters.updateShared { $0.scores += 1 }
        } catch {
            guard error.hasNoEffect else { return }
            journal.write("unscored", [("number", .integer(number))])
        }
    }
}

extension MemoryStoreError {
    /// Whether the library says that nothing was written, in those cases that the demo meets.
    var hasNoEffect: Bool { code == .unavailable || code == .deadline }
}
