import Metrics

/// The metrics of messages to one server, created once.
///
/// The catalogue with meanings is the DocC article "Metrics".
enum MessageMetrics {
    /// From the sending of a message to its delivery here, by the clocks of Redis and of this machine.
    private static let delivery = Metrics.Timer(label: "holdfast_inbox_delivery_seconds")
    /// Deliveries of messages that had been delivered before.
    private static let redeliveries = Counter(label: "holdfast_inbox_redeliveries_total")

    /// Records what was taken; `now` in milliseconds since 1970.
    static func record(_ items: [InboxQueue.Item], now: Int64) {
        for item in items {
            if item.deliveries > 1 {
                redeliveries.increment()
            } else {
                delivery.recordMilliseconds(max(0, now - item.sentAtMillis))
            }
        }
    }
}
