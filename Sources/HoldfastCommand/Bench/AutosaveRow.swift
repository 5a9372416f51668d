import Foundation

/// What saving on schedule costs when few sessions have changed, and how evenly it goes when all have.
struct AutosaveRow: Sendable {
    /// CPU of this process over an interval with 1 % of the sessions changed, against all of them.
    func cost(_ context: BenchContext) async throws -> BenchRow {
        let pairs = try await AutosaveLoad.with(interval: .seconds(context.seconds * 2), context) { load in
            try await BenchPair.measure(
                progress: context.finishedPair,
                ours: { try await Self.cpuMillis(load, changed: AutosaveLoad.sessions / 100) },
                ceiling: { try await Self.cpuMillis(load, changed: AutosaveLoad.sessions) }
            )
        }
        return BenchRow(
            name: BenchName.autosave.rawValue, unit: "ms",
            ceilingCommand: "CPU of the same interval with all of 10,000 sessions changed instead of 1 %", pairs: pairs)
    }

    /// Saves a second at the 99th percentile, against their mean over the interval, when all change at once.
    func burst(_ context: BenchContext) async throws -> BenchRow {
        let second = Duration.seconds(context.seconds)
        let interval = second * Self.seconds
        let pairs = try await AutosaveLoad.with(interval: interval, context) { load in
            var pairs: [BenchPair] = []
            for _ in 0..<BenchPair.count {
                try Task.checkCancellation()
                let start = try await load.run(changed: AutosaveLoad.sessions)
                let counts = Self.counts(load.times.all.map { $0 - start }, second: second)
                pairs.append(
                    BenchPair(
                        ours: Self.percentile(0.99, of: counts),
                        ceiling: Double(load.times.count) / Double(Self.seconds)))
                context.finishedPair()
            }
            return pairs
        }
        return BenchRow(
            name: BenchName.autosaveBurst.rawValue, unit: "saves",
            ceilingCommand: "the mean of the same interval, in parts of \(context.seconds) s", pairs: pairs)
    }

    /// How many parts the interval has in which saves are counted.
    private static let seconds = 10

    /// How many of `times` fall into each second, also into those after the interval.
    static func counts(_ times: [Duration], second: Duration) -> [Int] {
        let last = times.map { Int($0 / second) }.max() ?? 0
        var counts = [Int](repeating: 0, count: max(seconds, last + 1))
        for time in times { counts[Int(time / second)] += 1 }
        return counts
    }

    /// The value that so large a part of all does not exceed, by nearest rank.
    static func percentile(_ part: Double, of values: [Int]) -> Double {
        let sorted = values.sorted()
        let rank = Int((part * Double(sorted.count)).rounded(.up))
        return Double(sorted[min(max(rank, 1), sorted.count) - 1])
    }

    private static func cpuMillis(_ load: AutosaveLoad, changed: Int) async throws -> Double {
        let before = cpuTime()
        _ = try await load.run(changed: changed)
        return (cpuTime() - before) / .milliseconds(1)
    }

    /// Of all threads of this process, since it began.
    private static func cpuTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
