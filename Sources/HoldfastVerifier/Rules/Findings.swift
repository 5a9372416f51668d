/// Collects what the rules find.
struct Findings {
    /// The verdict's counter that a problem belongs to.
    enum Counter {
        case staleWrite, lostSave, duplicateOperation, missingOperation, boardMismatch, tornWorld, halfTrade
        /// Breaks a promise that has no counter of its own; the run fails all the same.
        case none
    }

    /// How many sentences a verdict carries.
    static let maximumProblems = 20

    private var counts: [Counter: Int] = [:]
    /// In the order of finding.
    private var problems: [(counter: Counter, sentence: String)] = []
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
        if problems.count(where: { $0.counter == counter }) < Self.maximumProblems {
            problems.append((counter, sentence()))
        }
    }

    /// Notes that an acknowledged version is lost; several witnesses of one loss count once.
    mutating func reportLost(_ key: KeyIndex, version: Int64, _ sentence: @autoclosure () -> String) {
        guard lost.insert(VersionOfKey(key: key, version: version)).inserted else { return }
        report(.lostSave, sentence())
    }

    /// The first problems of each counter, so that many of one kind hide none of another.
    private var told: [String] {
        var left = Self.maximumProblems
        var kinds = Set(problems.map(\.counter)).count
        var told: [Int] = []
        let byCounter = Dictionary(grouping: problems.indices) { problems[$0].counter }
        for indices in byCounter.values.sorted(by: { $0.count < $1.count }) {
            told += indices.prefix(left / kinds)
            left = Self.maximumProblems - told.count
            kinds -= 1
        }
        return told.sorted().map { problems[$0].sentence }
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
            tornWorlds: counts[.tornWorld] ?? 0, halfTrades: counts[.halfTrade] ?? 0,
            ok: problemCount == 0 && coins.expected == coins.found,
            problemCount: problemCount, problems: told, seen: seen)
    }
}
