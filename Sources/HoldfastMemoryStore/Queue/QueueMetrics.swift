import Metrics

/// Every metric of queues, created once.
///
/// Gauges are set by the process that sweeps or pumps for the fleet at the moment: take the newest.
///
/// | name | unit | a bad value means |
/// |---|---|---|
/// | `holdfast_queue_items` | items | visible ones growing: readers are too slow or gone |
/// | `holdfast_queue_oldest_seconds` | seconds | growing: a priority that is never served |
/// | `holdfast_queue_redeliveries_total` | items | readers crash, or need longer than the invisibility timeout |
/// | `holdfast_queue_dead_letters_total` | items | items that no reader can handle |
/// | `holdfast_queue_expired_total` | items | items that nobody read in time |
/// | `holdfast_queue_unreadable_total` | items | another build or program writes other values |
/// | `holdfast_queue_pump_lag` | items | durable items that wait for Redis: it is away or the queue is full |
enum QueueMetrics {
    static let redeliveries = Counter(label: "holdfast_queue_redeliveries_total")
    static let deadLetters = Counter(label: "holdfast_queue_dead_letters_total")
    static let expired = Counter(label: "holdfast_queue_expired_total")
    static let unreadable = Counter(label: "holdfast_queue_unreadable_total")

    /// Counts items that became dead letters.
    static func record(died: Int) {
        if died > 0 { deadLetters.increment(by: died) }
    }

    /// Counts what a sweep did.
    static func record(_ sweep: QueueScripts.Sweep) {
        record(died: sweep.died)
        if sweep.expired > 0 { expired.increment(by: sweep.expired) }
    }

    /// Sets the gauges of a queue.
    static func record(_ counts: QueueScripts.Counts, oldestAge: Duration, of queue: String) {
        gauge("holdfast_queue_items", queue, state: "visible").record(counts.visible)
        gauge("holdfast_queue_items", queue, state: "invisible").record(counts.invisible)
        gauge("holdfast_queue_items", queue, state: "dead").record(counts.dead)
        gauge("holdfast_queue_oldest_seconds", queue).record(oldestAge / .seconds(1))
    }

    /// Sets how many durable items wait to be pushed.
    static func record(lag: Int64, of queue: String) {
        gauge("holdfast_queue_pump_lag", queue).record(lag)
    }

    private static func gauge(_ label: String, _ queue: String, state: String? = nil) -> Gauge {
        Gauge(label: label, dimensions: [("queue", queue)] + (state.map { [("state", $0)] } ?? []))
    }
}
