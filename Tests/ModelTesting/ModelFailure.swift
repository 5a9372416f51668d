/// A history in which a structure and its reference differ, as short as shrinking made it.
public struct ModelFailure: Error, CustomStringConvertible {
    /// The seed of the history that failed first.
    public let seed: UInt64
    /// How many steps that one had.
    public let originalCount: Int
    /// The steps that are left, in order.
    public let operations: [String]
    /// What went wrong in the last of them.
    public let reason: String
    /// Whether the history failed when it was run again.
    public let isReproducible: Bool

    /// The seed, the steps and what went wrong.
    public var description: String {
        let steps = operations.enumerated().map { "  \($0 + 1). \($1)" }.joined(separator: "\n")
        let kind =
            isReproducible
            ? "shrunk from \(originalCount) to \(operations.count) steps"
            : "which did not fail again, in \(operations.count) steps"
        return "seed \(seed) fails, \(kind):\n\(steps)\n\(reason)"
    }
}
