/// Decides when to ask the cluster for its slot map again, however many commands wish for it.
///
/// Pure: time and randomness are passed in.
struct RefreshPlan: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How much a wish matters.
    enum Urgency: Sendable {
        /// One slot moved, and is known already: others may have moved, too.
        case routine
        /// Something does not work.
        case urgent
    }

    /// The floor that finds what nobody noticed.
    static let interval = Duration.seconds(10)
    /// Between two refreshes that were wished for as a matter of routine.
    static let routineSpacing = Duration.seconds(1)
    /// Between two urgent ones at first; doubles up to ``patientSpacing`` while they find nothing new.
    static let urgentSpacing = Duration.milliseconds(100)
    /// Between two urgent ones in the long run.
    static let patientSpacing = Duration.milliseconds(500)

    /// When the next one is due.
    private(set) var due: Instant
    private var last: Instant?
    private var spacing = Self.urgentSpacing

    /// The first is due at once.
    init(now: Instant) {
        due = now
    }

    /// Takes a wish.
    mutating func request(_ urgency: Urgency, now: Instant) {
        guard let last else { return }
        if now - last > Self.routineSpacing * 2 { spacing = Self.urgentSpacing }
        due = min(due, max(now, last + (urgency == .urgent ? spacing : Self.routineSpacing)))
    }

    /// A refresh has ended.
    ///
    /// `isNews` says whether it succeeded and brought another map.
    mutating func finished(isNews: Bool, now: Instant, using generator: inout some RandomNumberGenerator) {
        last = now
        spacing = isNews ? Self.urgentSpacing : min(spacing * 2, Self.patientSpacing)
        due = now + Self.interval * Double.random(in: 0.75...1.25, using: &generator)
    }

    /// A refresh has failed: no node answered.
    mutating func failed(now: Instant) {
        last = now
        spacing = min(spacing * 2, Self.patientSpacing)
        due = now + spacing
    }
}
