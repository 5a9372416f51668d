import Metrics

/// Every metric this module records, created once.
struct RedisMetrics: Sendable {
    /// Connections lost and made again, by lane.
    ///
    /// More than a few a day means an unsteady network or server.
    static let reconnectsName = "holdfast_redis_reconnects_total"
    /// Commands queued or awaiting their reply, by lane, read once a second.
    ///
    /// At the bound callers wait.
    static let inFlightName = "holdfast_redis_in_flight"
    /// Time from the call of a script to its reply, queueing included; one call in 64 is measured.
    static let scriptSecondsName = "holdfast_redis_script_seconds"
    /// Scripts that Redis did not know and got in full.
    ///
    /// Steady growth means that something flushes them.
    static let noScriptName = "holdfast_redis_noscript_total"
    /// Events a slow subscriber lost.
    static let droppedMessagesName = "holdfast_redis_dropped_messages_total"

    /// Answers of a cluster or of a former master that send a command elsewhere or make it wait, by kind.
    static let redirectionsName = "holdfast_redis_redirections_total"
    /// Times that the slot map of a cluster was asked for.
    static let mapRefreshesName = "holdfast_redis_map_refreshes_total"

    let mapRefreshes = Counter(label: mapRefreshesName)
    let scriptSeconds = Metrics.Timer(label: scriptSecondsName)
    let noScript = Counter(label: noScriptName)
    let droppedMessages = Counter(label: droppedMessagesName)
    private let inFlight: [RedisLane: Gauge]
    private let redirections: [String: Counter]

    init() {
        var counters: [String: Counter] = [:]
        let kinds = "MOVED ASK TRYAGAIN CLUSTERDOWN LOADING READONLY MASTERDOWN UNBLOCKED"
        for kind in kinds.split(separator: " ").map(String.init) {
            counters[kind] = Counter(label: Self.redirectionsName, dimensions: [("kind", kind)])
        }
        redirections = counters
        var gauges: [RedisLane: Gauge] = [:]
        for lane in RedisLane.allCases {
            gauges[lane] = Gauge(label: Self.inFlightName, dimensions: [("lane", lane.rawValue)])
        }
        inFlight = gauges
    }

    /// Records how many commands of a lane are under way.
    func recordInFlight(_ count: Int, lane: RedisLane) {
        inFlight[lane]?.record(count)
    }

    /// Counts an error reply of those kinds, and NOSCRIPT.
    func recordRefusal(_ error: RedisServerError) {
        let prefix = error.prefix
        if prefix == "NOSCRIPT" { noScript.increment() } else { redirections[prefix]?.increment() }
    }

    /// The counter of one connection's reconnects; kept by the connection.
    static func reconnects(of name: String) -> Counter {
        Counter(label: reconnectsName, dimensions: [("lane", name)])
    }
}
