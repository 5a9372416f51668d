import Metrics

/// The metrics of the durable side, made once and named here.
///
/// | name | unit | a bad value means |
/// |---|---|---|
/// | `holdfast_store_group_size` | requests | always 1 under load: requests do not meet, commits are not shared |
/// | `holdfast_store_commit_seconds` | seconds | above 50 ms: the disk or the database is slow, hops become slow |
/// | `holdfast_store_queue_seconds` | seconds | above a commit's time: the store cannot keep up |
/// | `holdfast_store_queued` | requests | growing: the store is down or too slow |
/// | `holdfast_store_refused_total` | requests | a few at hops, take-overs and trades are right; a steady rate is a fault |
/// | `holdfast_store_failed_total` | requests | above 0: the store was away, full, or a commit's answer was lost |
/// | `holdfast_store_expired_total` | requests | above 0: requests waited past their deadline |
/// | `holdfast_backup_seconds` | seconds | close to the time between backups: the store is too large for files |
/// | `holdfast_backup_bytes` | bytes | half of the last one's: something is gone |
/// | `holdfast_store_budget_wait_seconds` | seconds | near the save's deadline: the budget is too small |
/// | `holdfast_store_budget_waiting` | requests | growing: the budget is too small for what the game does |
/// | `holdfast_store_budget_refused_total` | requests | above 0: requests found no room before their deadline |
enum StorageMetrics {
    static let backupTime = Metrics.Timer(label: "holdfast_backup_seconds")
    static let backupBytes = Recorder(label: "holdfast_backup_bytes")
    static let groupSize = Recorder(label: "holdfast_store_group_size")
    static let commitTime = Metrics.Timer(label: "holdfast_store_commit_seconds")
    static let queueTime = Metrics.Timer(label: "holdfast_store_queue_seconds")
    static let queued = Gauge(label: "holdfast_store_queued")
    static let refusedSeals = Counter(label: "holdfast_store_refused_total", dimensions: [("request", "seal")])
    static let refusedCommits = Counter(label: "holdfast_store_refused_total", dimensions: [("request", "commit")])
    static let failed = Counter(label: "holdfast_store_failed_total")
    static let expired = Counter(label: "holdfast_store_expired_total")
    static let budgetWait = Metrics.Timer(label: "holdfast_store_budget_wait_seconds")
    static let budgetWaiting = Gauge(label: "holdfast_store_budget_waiting")
    static let budgetRefused = Counter(label: "holdfast_store_budget_refused_total")

    /// Counts what a finished group came to.
    static func record(_ replies: [StoreReply], took: Duration) {
        groupSize.record(replies.count)
        commitTime.record(duration: took)
        for reply in replies {
            switch reply {
            case .seal(.stale): refusedSeals.increment()
            case .commit(.refused), .commit(.decided), .commit(.storeRestored): refusedCommits.increment()
            default: break
            }
        }
    }
}
