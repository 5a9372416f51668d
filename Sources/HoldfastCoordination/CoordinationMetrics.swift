import Metrics

/// Every metric of opens and beats, created once.
///
/// The catalogue with meanings is the DocC article "Metrics".
final class CoordinationMetrics: Sendable {
    /// Time of one acquire in Redis.
    let acquires = Timer(label: "holdfast_lease_acquire_seconds", preferredDisplayUnit: .seconds)
    /// Time of one seal at the store, its wait for a group included.
    let seals = Timer(label: "holdfast_seal_seconds", preferredDisplayUnit: .seconds)
    /// Opens that asked a live holder to hand over, counted once for each message.
    let handOversAsked = Counter(label: "holdfast_handovers_asked_total")
    /// Beats that were not acknowledged.
    let beatsMissed = Counter(label: "holdfast_beats_missed_total")
}
