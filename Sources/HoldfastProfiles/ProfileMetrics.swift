import HoldfastCoordination
import HoldfastStorage
import Metrics

/// Every metric of sessions, created once.
///
/// The catalogue with meanings is the DocC article "Metrics".
final class ProfileMetrics: Sendable {
    /// For what is made later, in tasks that know nothing of who made this.
    private let factory = MetricsSystem.factory
    /// Made before the first loss: a counter that begins at 1 has not increased, as Prometheus sees it.
    private let losses = Dictionary(
        uniqueKeysWithValues: SessionEnd.LossReason.allCases.map { reason in
            (reason, Counter(label: "holdfast_sessions_lost_total", dimensions: [("reason", reason.rawValue)]))
        })
    let activeSessions = Gauge(label: "holdfast_sessions", dimensions: [("state", "active")])
    let doubtfulSessions = Gauge(label: "holdfast_sessions", dimensions: [("state", "doubtful")])
    let closingSessions = Gauge(label: "holdfast_sessions", dimensions: [("state", "closing")])
    let fallbackSessions = Gauge(label: "holdfast_sessions", dimensions: [("state", "fallback")])
    let leaseMargin = Gauge(label: "holdfast_lease_margin_seconds")
    let unsavedAge = Gauge(label: "holdfast_unsaved_age_seconds")
    let fencedSaves = Counter(label: "holdfast_fenced_saves_total")
    let ambiguousCommits = Counter(label: "holdfast_ambiguous_commits_total")
    let reclaims = Counter(label: "holdfast_lease_reclaims_total")
    let operationsApplied = Counter(label: "holdfast_operations_applied_total")
    let operationsExpired = Counter(label: "holdfast_operations_expired_total")
    let operationFailures = Counter(label: "holdfast_operation_failures_total")
    let operationDeadLetters = Counter(label: "holdfast_operation_dead_letters_total")
    let unhandledOperations = Counter(label: "holdfast_operations_unhandled_total")
    let fallbacks = Counter(label: "holdfast_fallbacks_total")
    let tradeLegs = Counter(label: "holdfast_trade_legs_total")
    let tradeRefusals = Counter(label: "holdfast_trade_refusals_total")
    let tradeRefunds = Counter(label: "holdfast_trade_refunds_total")
    let tradesRecovered = Counter(label: "holdfast_trades_recovered_total")
    let tradesBegun = Counter(label: "holdfast_trades_begun_total")
    private let tradeOutcomes = Dictionary(
        uniqueKeysWithValues: ["committed", "refused", "timedOut", "aborted", "pending"].map { word in
            (word, Counter(label: "holdfast_trades_total", dimensions: [("outcome", word)]))
        })
    private let trades = Timer(label: "holdfast_trade_seconds", preferredDisplayUnit: .seconds)
    let droppedScores = Counter(label: "holdfast_projected_scores_dropped_total")
    let corruptRecords = Counter(label: "holdfast_corrupt_records_total")
    let largeSaves = Counter(label: "holdfast_large_saves_total")
    let critical = Gauge(label: "holdfast_critical")
    let profileBackups = Counter(label: "holdfast_profile_backups_total")
    let readsFromMemory = Counter(label: "holdfast_reads_total", dimensions: [("source", "memory")])
    let readsFromCopies = Counter(label: "holdfast_reads_total", dimensions: [("source", "copy")])
    let readsFromStore = Counter(label: "holdfast_reads_total", dimensions: [("source", "store")])
    private let opens = Timer(label: "holdfast_open_seconds", preferredDisplayUnit: .seconds)
    private let saves = Timer(label: "holdfast_save_seconds", preferredDisplayUnit: .seconds)
    private let saveBytes = Recorder(label: "holdfast_save_bytes")
    private let freeOpens = Counter(label: "holdfast_opens_total", dimensions: [("origin", "free")])
    private let handOvers = Counter(label: "holdfast_opens_total", dimensions: [("origin", "handover")])
    private let takeOvers = Counter(label: "holdfast_opens_total", dimensions: [("origin", "takeover")])

    func opened(_ opening: Opening) {
        opens.record(duration: opening.took)
        switch opening.origin {
        case .free: freeOpens.increment()
        case .handOver: handOvers.increment()
        case .takeOver: takeOvers.increment()
        }
    }

    func saved(after duration: Duration, bytes: Int) {
        saves.record(duration: duration)
        saveBytes.record(bytes)
    }

    func callFailed(_ call: FinishedCall) {
        Counter(
            label: "holdfast_call_failures_total", dimensions: [("side", call.side.rawValue), ("code", call.outcome)],
            factory: factory
        ).increment()
    }

    func traded(_ outcome: TradeOutcome, after duration: Duration) {
        trades.record(duration: duration)
        tradeOutcomes[outcome.word]?.increment()
    }

    func tradeFailed(_ error: any Error) {
        Counter(
            label: "holdfast_trade_failures_total", dimensions: [("code", error.failureWord)], factory: factory
        ).increment()
    }

    func hookFailed(_ hook: SessionHook) {
        Counter(label: "holdfast_hook_failures_total", dimensions: [("hook", hook.rawValue)], factory: factory)
            .increment()
    }

    func dutyTurned(_ duty: String, _ outcome: String) { dutyTurns(duty, outcome).increment() }

    /// Has the counters of a duty begin at 0, as those of losses.
    func expect(duty: String) {
        for outcome in ["done", "failed"] { _ = dutyTurns(duty, outcome) }
    }

    private func dutyTurns(_ duty: String, _ outcome: String) -> Counter {
        Counter(
            label: "holdfast_duty_turns_total", dimensions: [("duty", duty), ("outcome", outcome)], factory: factory)
    }

    func lost(_ reason: SessionEnd.LossReason) { losses[reason]?.increment() }
}
