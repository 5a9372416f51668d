import Metrics

/// The metrics of announcements, created once.
///
/// The catalogue with meanings is the DocC article "Metrics".
struct AnnouncementMetrics: Sendable {
    static let shared = AnnouncementMetrics()

    private let durableDelivery = Metrics.Timer(
        label: "holdfast_announcement_delivery_seconds", dimensions: [("flavor", "durable")])
    private let fastDelivery = Metrics.Timer(
        label: "holdfast_announcement_delivery_seconds", dimensions: [("flavor", "fast")])
    private let durableGaps = Counter(
        label: "holdfast_announcement_gaps_total", dimensions: [("flavor", "durable")])
    private let fastGaps = Counter(label: "holdfast_announcement_gaps_total", dimensions: [("flavor", "fast")])
    /// Entries that a look at the log found, and no hint had brought.
    let withoutHint = Counter(label: "holdfast_announcements_without_hint_total")
    /// Subscribers that fell behind what is kept in memory.
    let slowSubscribers = Counter(label: "holdfast_announcement_slow_subscribers_total")
    /// How many entries a log had that this process had not read, when it looked.
    private let lag = Recorder(label: "holdfast_announcement_lag")

    /// Records what one log brought to this process; `now` in milliseconds since 1970.
    func record(_ occurrences: [AnnouncementOccurrence], now: Int64) {
        for occurrence in occurrences {
            let isDurable = occurrence.flavor == .durable
            switch occurrence.kind {
            case .entry(let entry):
                // The clocks of two machines differ a little.
                let millis = max(0, now - entry.publishedAtMillis)
                (isDurable ? durableDelivery : fastDelivery).recordMilliseconds(millis)
            case .gap: (isDurable ? durableGaps : fastGaps).increment()
            }
        }
    }

    /// Records how far behind a log this process was.
    func recordLag(_ entries: Int64) { lag.record(max(0, entries)) }
}
