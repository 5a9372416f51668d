/// Who of one process waits for items of a queue, and who may look next.
///
/// One looks at a time. A hint, or an item that somebody found, gives the turn to the first in the line; whoever finds
/// something passes the turn on, whoever finds nothing ends it. So a burst of hints costs one look more than it brings
/// items, however many wait. Pure: it decides, ``WaitRoom`` acts.
struct WaitLine {
    typealias ID = UInt64

    /// What somebody found who looked.
    enum Outcome {
        /// Enough: it leaves.
        case found
        /// Something, but not as much as it wants all of at once.
        case tooFew
        /// Nothing.
        case nothing
    }

    /// What a hint led to.
    enum Wake: Equatable {
        /// This one looks now.
        case turn(ID)
        /// Somebody looks already, and another look follows.
        case noted
        /// Nobody waits: the hint belongs to another process.
        case unwanted
    }

    /// In the order of coming.
    private(set) var line: [ID] = []
    /// Those who came just now and look on their own account.
    private var newcomers: Set<ID> = []
    private var turn: ID?
    /// A hint came while somebody looked, who may have looked too early.
    private var isNoted = false

    /// Whether somebody waits or is about to.
    var isEmpty: Bool { line.isEmpty }

    /// Who looks now by turn.
    var looking: ID? { turn }

    /// Somebody comes, and looks first thing.
    mutating func join(_ id: ID) {
        line.append(id)
        newcomers.insert(id)
    }

    /// There may be something.
    mutating func wake() -> Wake {
        guard !line.isEmpty else { return .unwanted }
        if turn == nil, let first = next(after: nil) {
            turn = first
            return .turn(first)
        }
        isNoted = true
        return .noted
    }

    /// Somebody has looked; returns who looks next.
    mutating func finish(_ id: ID, _ outcome: Outcome) -> ID? {
        newcomers.remove(id)
        let hadTurn = turn == id
        if hadTurn { turn = nil }
        var candidate: ID?
        switch outcome {
        case .found:
            line.removeAll { $0 == id }
            candidate = next(after: nil)
        case .tooFew:
            candidate = next(after: id)
        case .nothing:
            break
        }
        if candidate == nil, isNoted { candidate = next(after: nil) }
        guard turn == nil, let candidate else { return nil }
        isNoted = false
        turn = candidate
        return candidate
    }

    /// Somebody gives up; returns who looks next, if the turn was its.
    mutating func leave(_ id: ID) -> ID? {
        let hadTurn = turn == id
        line.removeAll { $0 == id }
        newcomers.remove(id)
        guard hadTurn else { return nil }
        turn = next(after: nil)
        return turn
    }

    /// The first who waits without looking, behind `id` where one is given.
    private func next(after id: ID?) -> ID? {
        let start = id.flatMap { line.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        return line[start...].first { !newcomers.contains($0) }
    }
}
