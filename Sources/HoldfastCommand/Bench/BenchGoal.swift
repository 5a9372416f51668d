/// What a row's ratio should reach on any machine.
enum BenchGoal: Sendable {
    case atLeast(Double)
    case atMost(Double)

    /// Whether `ratio` reaches the goal.
    func isMet(by ratio: Double) -> Bool {
        switch self {
        case .atLeast(let bound): ratio >= bound
        case .atMost(let bound): ratio <= bound
        }
    }
}

extension BenchGoal: CustomStringConvertible {
    var description: String {
        switch self {
        case .atLeast(let bound): "≥ \(bound)"
        case .atMost(let bound): "≤ \(bound)"
        }
    }
}
