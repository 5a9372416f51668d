/// Numbers in a row, from which some are taken, and whose neighbours are found on both sides.
struct NeighbourLine {
    private let line: [Int]
    /// Where each number stands in the line; nil once it was taken.
    private var positions: [Int: Int]
    /// The next position on each side that has not been taken; -1 and `count` are the ends.
    private var left: [Int]
    private var right: [Int]

    /// Takes the numbers in their order.
    init(_ line: [Int]) {
        self.line = line
        positions = Dictionary(uniqueKeysWithValues: line.enumerated().map { ($1, $0) })
        left = line.indices.map { $0 - 1 }
        right = line.indices.map { $0 + 1 }
    }

    func contains(_ number: Int) -> Bool { positions[number] != nil }

    /// Takes a number out.
    mutating func remove(_ number: Int) {
        guard let position = positions.removeValue(forKey: number) else { return }
        let (before, after) = (left[position], right[position])
        if before >= 0 { right[before] = after }
        if after < line.count { left[after] = before }
    }

    /// The nearest numbers that `isWanted`, the nearest first.
    ///
    /// - Parameters:
    ///   - glances: The most numbers to look at.
    ///   - most: The most to return.
    ///   - distance: Grows on each side.
    func neighbours(
        of number: Int, glances: Int, most: Int, isWanted: (Int) -> Bool, distance: (Int) -> Double
    ) -> [Int] {
        guard let position = positions[number] else { return [] }
        var (before, after) = (left[position], right[position])
        var found: [Int] = []
        for _ in 0..<glances where found.count < most {
            let toLeft = before >= 0 ? distance(line[before]) : .infinity
            let toRight = after < line.count ? distance(line[after]) : .infinity
            let next: Int
            if before >= 0, toLeft <= toRight || after == line.count {
                next = line[before]
                before = left[before]
            } else if after < line.count {
                next = line[after]
                after = right[after]
            } else {
                break
            }
            if isWanted(next) { found.append(next) }
        }
        return found
    }
}
