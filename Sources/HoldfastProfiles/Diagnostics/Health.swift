/// Whether this server's calls to Redis and the store keep failing.
public struct Health: Sendable, Equatable {
    /// Whether ``HealthPolicy/failures`` failures came within its window, and it has not recovered since.
    public var isCritical = false
    /// Failures of Redis within the window, bursts counted once.
    public var redisFailures = 0
    /// Failures of the store within the window, bursts counted once.
    public var storeFailures = 0
    /// The last failure: its side and code, as in `store unavailable`; nil before the first.
    public var lastFailure: String?

    /// Nothing has failed.
    public init() {}
}
