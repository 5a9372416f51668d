import HoldfastStorage
import Testing

@Suite("Every store: random histories of records")
struct RecordModelTests {
    @Test(
        "groups of random requests give what the in-memory store gives",
        arguments: StoreKind.allCases.filter { $0 != .memory })
    func agreesWithReference(kind: StoreKind) async throws {
        let histories = kind == .sqlite ? 30 : 8
        try await withTimedStore(kind) { store, time in
            let pair = try await StorePair(store, time, hasClock: kind == .sqlite)
            for seed in 0..<histories {
                var history = try RecordHistory(pair, seed: UInt64(seed))
                if let difference = try await history.play(steps: 10) {
                    Issue.record("\(kind), seed \(seed): \(difference)")
                    return
                }
            }
        }
    }
}
