/// Measured times of one kind, kept whole so that the percentiles are exact.
struct LatencySamples: Sendable, Equatable {
    /// Percentiles of a set of samples, in milliseconds.
    struct Summary: Codable, Sendable, Equatable {
        var p50: Double
        var p99: Double
        var max: Double
    }

    /// The most samples kept; later ones replace the oldest.
    static let capacity = 1_000_000

    private var millis: [Double] = []
    private(set) var count = 0

    mutating func add(_ duration: Duration) {
        add(millis: duration / .milliseconds(1))
    }

    mutating func add(millis value: Double) {
        if millis.count < Self.capacity {
            millis.append(value)
        } else {
            millis[count % Self.capacity] = value
        }
        count += 1
    }

    /// Nearest-rank percentiles, rounded to hundredths; zeros when nothing was measured.
    var summary: Summary {
        guard !millis.isEmpty else { return Summary(p50: 0, p99: 0, max: 0) }
        let sorted = millis.sorted()
        func rank(_ percent: Double) -> Double {
            let index = Int((percent / 100 * Double(sorted.count)).rounded(.up)) - 1
            return rounded(sorted[min(Swift.max(index, 0), sorted.count - 1)])
        }
        return Summary(p50: rank(50), p99: rank(99), max: rounded(sorted[sorted.count - 1]))
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
