import HoldfastStorage

/// A place in a board's order, whether or not an element stands there: a score and an element's bytes.
struct BoardAnchor: Hashable {
    let nearest: Double
    let bytes: [UInt8]
}

/// A member of a board as its sorted set has it.
struct BoardEntry: Equatable {
    let anchor: BoardAnchor
    /// How many bytes of the element are its mark: what members with the same score and subscore share.
    let markLength: Int
    let member: Key
    let score: Int64
    let subscore: Int64

    /// What ranks that are shared compare.
    var level: BoardAnchor { BoardAnchor(nearest: anchor.nearest, bytes: Array(anchor.bytes.prefix(markLength))) }
}

/// Writes and reads the elements of a board's sorted sets, whose order is the board's own.
///
/// The form is described in `Lua/include/board.lua`; both sides agree on it.
struct BoardOrder: Sendable {
    private static let zero = UInt8(ascii: "=")
    private static let below = UInt8(ascii: "<")
    private static let above = UInt8(ascii: ">")
    /// More than any number of a change: what the numbers of descending boards are counted down from.
    private static let reachedLimit: Int64 = 1 << 53
    private static let signBit: UInt64 = 1 << 63

    let isDescending: Bool
    private let isFlipped: Bool
    private let goesToFirst: Bool
    /// The rules as scripts compare them.
    let text: String

    init(_ rules: BoardRules) {
        isDescending = rules.order == .descending
        isFlipped = rules.order != rules.subscoreOrder
        goesToFirst = rules.ties == .first
        func letter(_ order: ScoreOrder) -> String { order == .descending ? "d" : "a" }
        text =
            "1" + letter(rules.order) + letter(rules.subscoreOrder) + (rules.ties == .first ? "f" : "i")
            + (rules.ranks == .dense ? "l" : "-") + (rules.countsSubmissions ? "c" : "-") + "/\(rules.shards)"
    }

    // MARK: Writing

    /// What elements of a score and subscore begin with.
    func mark(_ score: BoardNumber, _ subscore: Int64) -> [UInt8] {
        guard subscore != 0 else { return score.residue + [Self.zero] }
        let biased = UInt64(bitPattern: subscore) ^ Self.signBit
        let tag = (subscore < 0) == isFlipped ? Self.above : Self.below
        return score.residue + [tag] + Self.bytes(isFlipped ? ~biased : biased)
    }

    /// What stands before the member in an element.
    ///
    /// - Parameter reached: The change that first gave it this score, below 2^53; matters where ties go to the first.
    func prefix(_ score: BoardNumber, _ subscore: Int64, reached: Int64) -> [UInt8] {
        guard goesToFirst else { return mark(score, subscore) }
        let number = isDescending ? Self.reachedLimit - reached : reached
        return mark(score, subscore) + Self.bytes(UInt64(bitPattern: number))
    }

    // MARK: Reading

    /// Reads an element with its score; nil for what this board never writes.
    func entry(_ nearest: Double, _ element: [UInt8]) -> BoardEntry? {
        guard let (score, subscore, markLength) = read(nearest, element) else { return nil }
        let start = markLength + (goesToFirst ? 8 : 0)
        guard element.count > start, let member = try? Key(bytes: Array(element[start...])) else { return nil }
        return BoardEntry(
            anchor: BoardAnchor(nearest: nearest, bytes: element), markLength: markLength, member: member,
            score: score, subscore: subscore)
    }

    /// Reads score and subscore from what stands before a member; nil for what this board never writes.
    func pair(_ nearest: Double, _ prefix: [UInt8]) -> (score: Int64, subscore: Int64)? {
        read(nearest, prefix).map { ($0.score, $0.subscore) }
    }

    private func read(_ nearest: Double, _ bytes: [UInt8]) -> (score: Int64, subscore: Int64, markLength: Int)? {
        guard let (score, tag) = BoardNumber.read(nearest, bytes[...]), bytes.count > tag else { return nil }
        guard bytes[tag] != Self.zero else { return (score, 0, tag + 1) }
        guard bytes.count >= tag + 9 else { return nil }
        let biased = bytes[(tag + 1)..<(tag + 9)].reduce(0) { $0 << 8 | UInt64($1) }
        return (score, Int64(bitPattern: (isFlipped ? ~biased : biased) ^ Self.signBit), tag + 9)
    }

    // MARK: Comparing

    /// Whether one place comes before another one.
    func isBefore(_ left: BoardAnchor, _ right: BoardAnchor) -> Bool {
        let (low, high) = isDescending ? (right, left) : (left, right)
        return low.nearest == high.nearest
            ? low.bytes.lexicographicallyPrecedes(high.bytes) : low.nearest < high.nearest
    }

    /// The place before everyone.
    var top: BoardAnchor { BoardAnchor(nearest: isDescending ? .infinity : -.infinity, bytes: []) }

    /// The place after everyone.
    var bottom: BoardAnchor { BoardAnchor(nearest: isDescending ? -.infinity : .infinity, bytes: []) }

    /// The place before all that share a level, and after all of better ones.
    func start(of level: BoardAnchor) -> BoardAnchor {
        BoardAnchor(nearest: level.nearest, bytes: isDescending ? level.bytes + [255] : level.bytes)
    }

    /// The mark in the name of a level, without the score that follows it.
    func mark(ofLevel level: BoardAnchor) -> [UInt8] {
        let tag = level.nearest.magnitude < BoardNumber.limit ? 0 : 2
        return Array(level.bytes.prefix(level.bytes.count > tag && level.bytes[tag] == Self.zero ? tag + 1 : tag + 9))
    }

    /// The places before and after all with a score in `range`.
    func bounds(of range: ClosedRange<Int64>) -> (start: BoardAnchor, end: BoardAnchor) {
        let (low, high) = (BoardNumber(range.lowerBound), BoardNumber(range.upperBound))
        let below = BoardAnchor(nearest: low.nearest, bytes: low.residue)
        let above = BoardAnchor(nearest: high.nearest, bytes: high.residue + [255])
        return isDescending ? (above, below) : (below, above)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}
