/// Our figure and the ceiling's, measured back to back.
///
/// Machines drift by a third within minutes, so only neighbours are compared, and each pair swaps the order.
struct BenchPair: Sendable {
    var ours: Double
    var ceiling: Double

    /// How many pairs a row is made of.
    static let count = 5

    /// Measures ``count`` pairs in alternating order and tells `progress` of each.
    static func measure(
        progress: () -> Void,
        ours: () async throws -> Double,
        ceiling: () async throws -> Double
    ) async throws -> [BenchPair] {
        var pairs: [BenchPair] = []
        for round in 0..<count {
            try Task.checkCancellation()
            let pair: BenchPair
            if round.isMultiple(of: 2) {
                let first = try await ours()
                pair = BenchPair(ours: first, ceiling: try await ceiling())
            } else {
                let first = try await ceiling()
                pair = BenchPair(ours: try await ours(), ceiling: first)
            }
            pairs.append(pair)
            progress()
        }
        return pairs
    }
}
