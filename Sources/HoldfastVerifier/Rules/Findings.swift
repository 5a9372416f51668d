/// Collects what the rules find.
struct Findings {
    /// The verdict's counter that a problem belongs to.
    enum Counter {
        case staleWrite, lostSave, duplicateOperation, missingOperation, boardMismatch
        /// Breaks a promise that has no counter of its own; the run fails all the same.
        case none
    }

    /// How many sentences a verdict carries.
    static let maximumProblems = 20

    private var counts: [Counter: Int] = [:]
    private var problems: [String] = []
    private var problemCount = 0
    private var lost: Set<VersionOfKey> = []

    private struct VersionOfKey: Hashable {
        let key: KeyIndex
        let version: Int64
    }

    /// Notes one problem that counts once, or as often as `count` says.
    mutating func report(_ counter: Counter, count: Int = 1, _ sentence: @autoclosure () -> String) {
        counts[counter, default: 0] += count
        problemCount += 1
        if problems.count < Self.maximumProblems { problems.append(sentence()) }
    }

    /// Notes that an acknowledged version is lost; several witnesses of one loss count once.
    mutating func reportLost(_ key: KeyIndex, version: Int64, _ sentence: @autoclosure () -> String) {
        guard lost.insert(VersionOfKey(key: key, version: version)).inserted else { return }
        report(.lostSave, sentence())
    }

    /// Sums up.
    func verdict(coins: ConservationRule.Coins, seen: Verdict.Seen) -> Verdict {
        Verdict(
            coinsExpected: coins.expected, coinsFound: coins.found,
            lostSaves: counts[.lostSave] ?? 0,
            duplicateOperations: counts[.duplicateOperation] ?? 0,
            missingOperations: counts[.missingOperation] ?? 0,
            staleWritesAccepted: counts[.staleWrite] ?? 0,
            boardMismatches: counts[.boardMismatch] ?? 0,
            ok: problemCount == 0 && coins.expected == coins.found,
            problemCount: problemCount, problems: problems, seen: seen)
    }
}
