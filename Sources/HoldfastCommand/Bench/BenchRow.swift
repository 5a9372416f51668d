/// One line of `holdfast bench`: a figure of ours beside its ceiling, both from the same run.
struct BenchRow: Sendable {
    /// The name that selects it on the command line.
    var name: String
    /// The median of our figures, in ``unit``.
    var ours: Double
    /// The median of the ceiling's figures, in ``unit``.
    var ceiling: Double
    /// The median of ours / ceiling over the pairs.
    var ratio: Double
    /// The smallest ratio of a pair.
    var min: Double
    /// The largest ratio of a pair.
    var max: Double
    /// `ops/s`, `rows/s`, `ms`, `µs`, `calls`, `bytes`, or `x` for a factor.
    var unit: String
    /// The number of pairs.
    var runs: Int
    /// What produced the ceiling.
    var ceilingCommand: String

    /// Sums up pairs that were measured one after the other.
    init(name: String, unit: String, ceilingCommand: String, pairs: [BenchPair]) {
        let ratios = pairs.map { $0.ours / $0.ceiling }
        self.name = name
        self.ours = Self.median(pairs.map(\.ours))
        self.ceiling = Self.median(pairs.map(\.ceiling))
        self.ratio = Self.median(ratios)
        self.min = ratios.min() ?? 0
        self.max = ratios.max() ?? 0
        self.unit = unit
        self.runs = pairs.count
        self.ceilingCommand = ceilingCommand
    }

    /// The middle value, or the mean of the two middle values; 0 for none.
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The line that `--json` prints.
    var document: OutputValue {
        [
            "name": .string(name), "ours": .number(Self.rounded(ours)), "ceiling": .number(Self.rounded(ceiling)),
            "ratio": .number(Self.rounded(ratio)), "min": .number(Self.rounded(min)), "max": .number(Self.rounded(max)),
            "unit": .string(unit), "runs": .integer(Int64(runs)), "ceilingCommand": .string(ceilingCommand),
        ]
    }

    /// The line for people, with the goal that the ratio is held against.
    func text(goal: BenchGoal) -> String {
        let name = name + String(repeating: " ", count: Swift.max(1, 14 - name.count))
        let verdict = goal.isMet(by: ratio) ? "met" : "missed"
        return "\(name)\(Self.short(ours)) \(unit) against \(Self.short(ceiling)): ratio \(Self.rounded(ratio)) "
            + "(\(Self.rounded(min)) to \(Self.rounded(max)), \(runs) runs), goal \(goal) \(verdict)\n"
            + String(repeating: " ", count: 14) + "ceiling: \(ceilingCommand)"
    }

    /// Three decimals say more than any of these figures holds.
    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

    private static func short(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String(rounded(value))
    }
}
