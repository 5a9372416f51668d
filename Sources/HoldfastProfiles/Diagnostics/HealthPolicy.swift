/// When a server counts as critical: that many failures of Redis or the store within a window.
///
/// Failures of one side within ``burst`` of the last one counted are the same failure: a connection that breaks fails
/// everything that was under way on it.
public struct HealthPolicy: Sendable, Equatable {
    /// Failures that make a server critical; at least 1.
    public var failures = 5
    /// Within which time they happen.
    public var window: Duration = .seconds(120)
    /// How long no failure may have happened before the server counts as recovered.
    public var recovery: Duration = .seconds(60)
    /// Within which time failures of one side count as one; zero counts each.
    public var burst: Duration = .seconds(1)

    /// Five failures in two minutes, and recovered after one minute without any.
    public init() {}

    var isValid: Bool {
        (1...10_000).contains(failures) && window > .zero && recovery > .zero && burst >= .zero && burst < window
    }
}
