/// Numbers rows that follow each other.
enum BoardRanking {
    /// The ranks of rows, from 1.
    ///
    /// - Parameters:
    ///   - levels: What rows that share a rank have in common, in the board's order.
    ///   - start: How many rows come before the first one.
    ///   - firstPlace: The place of the first row in the style, from 0.
    static func ranks<Level: Equatable>(
        _ style: BoardRules.Ranks, of levels: [Level], start: Int, firstPlace: Int
    ) -> [Int] {
        guard style != .unique else { return levels.indices.map { start + $0 + 1 } }
        var ranks: [Int] = []
        for (index, level) in levels.enumerated() {
            if index == 0 {
                ranks.append(firstPlace + 1)
            } else if level == levels[index - 1] {
                ranks.append(ranks[index - 1])
            } else {
                ranks.append(style == .dense ? ranks[index - 1] + 1 : start + index + 1)
            }
        }
        return ranks
    }

    /// The places around a member, from 1: it stands in the middle, unless an end of the board is near.
    ///
    /// Half of the rows, rounded down, come after it. Where fewer than that come before it, the rows begin at the top.
    ///
    /// - Parameters:
    ///   - place: The member's own, from 1.
    ///   - total: How many rows there are.
    ///   - limit: How many to show, at least 1.
    static func window(around place: Int, total: Int, limit: Int) -> ClosedRange<Int> {
        let half = limit / 2
        guard place - 1 >= half else { return 1...max(1, min(total, limit)) }
        let end = min(total, place + half)
        return max(1, end - limit + 1)...max(1, end)
    }
}
