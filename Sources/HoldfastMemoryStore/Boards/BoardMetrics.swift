import HoldfastStorage
import Metrics

/// Every metric of boards, created once.
///
/// | name | unit | a bad value means |
/// |---|---|---|
/// | `holdfast_board_lag_changes` | changes | above 0 for seconds: Redis is away or slow, ranks are old |
/// | `holdfast_board_lag_seconds` | seconds | how old the oldest change is that Redis lacks |
/// | `holdfast_board_rebuilds_total` | seasons | Redis lost data, or somebody asked for it |
/// | `holdfast_board_projection_failures_total` | tries | Redis or the store failed while ranks were brought up to date |
/// | `holdfast_board_refused_total` | scores | overflow, or players who try beyond a tournament's rules |
/// | `holdfast_board_ambiguous_batches_total` | batches | often: an unsteady network or store |
/// | `holdfast_board_behind` | members | fast scores that the store does not have yet; at 65,536 fast scores are refused |
/// | `holdfast_board_lost_fast_total` | members | fast scores that the process ended before, or the store refused for good |
/// | `holdfast_board_season_hooks_total` | seasons | `failed`: a hook threw, it is called again |
/// | `holdfast_board_fast_scores_total` | scores | how many Redis took from this process |
/// | `holdfast_board_pages_total` | pages | nearly all `redis` under load: no page is shared |
/// | `holdfast_board_rows_projected_total` | rows | how many of the store's this process sent to Redis |
/// | `holdfast_board_gaps_total` | answers | rows that came before those they follow; a few are right |
/// | `holdfast_board_not_loaded_total` | calls | a burst: Redis lost data, boards are loaded again |
enum BoardMetrics {
    static let lag = Gauge(label: "holdfast_board_lag_changes")
    static let lagAge = Gauge(label: "holdfast_board_lag_seconds")
    static let rebuilds = Counter(label: "holdfast_board_rebuilds_total")
    static let projectionFailures = Counter(label: "holdfast_board_projection_failures_total")
    static let ambiguousBatches = Counter(label: "holdfast_board_ambiguous_batches_total")
    static let behind = Gauge(label: "holdfast_board_behind")
    static let lostFast = Counter(label: "holdfast_board_lost_fast_total")
    static let announced = Counter(label: "holdfast_board_season_hooks_total", dimensions: [("outcome", "done")])
    static let failedHooks = Counter(label: "holdfast_board_season_hooks_total", dimensions: [("outcome", "failed")])

    static let fastScores = Counter(label: "holdfast_board_fast_scores_total")
    static let keptPages = Counter(label: "holdfast_board_pages_total", dimensions: [("source", "kept")])
    static let readPages = Counter(label: "holdfast_board_pages_total", dimensions: [("source", "redis")])
    static let projectedRows = Counter(label: "holdfast_board_rows_projected_total")
    static let gaps = Counter(label: "holdfast_board_gaps_total")
    static let notLoaded = Counter(label: "holdfast_board_not_loaded_total")

    private static let overflow = refusals("overflow")
    private static let exhausted = refusals("exhausted")
    private static let full = refusals("full")
    private static let notAMember = refusals("notAMember")
    private static let superseded = refusals("superseded")
    private static let notOpen = refusals("notOpen")
    private static let hasSubmitted = refusals("hasSubmitted")

    /// Counts a refusal of the store.
    static func refused(_ refusal: ScoreOutcome.Refusal) {
        let counter =
            switch refusal {
            case .overflow: overflow
            case .noSubmissionsLeft: exhausted
            case .full: full
            case .notAMember: notAMember
            case .superseded: superseded
            case .outsideWindow: notOpen
            case .hasSubmitted: hasSubmitted
            }
        counter.increment()
    }

    private static func refusals(_ reason: String) -> Counter {
        Counter(label: "holdfast_board_refused_total", dimensions: [("reason", reason)])
    }
}
