/// How long to wait before what failed is tried again: each class of errors has pauses of its own.
///
/// They double from the class' first to its longest, and each is drawn from the upper half, so that servers that failed
/// together do not come back together. Whether another try makes sense at all is the error's `isRetriable`.
public struct RetryPauses: Sendable, Equatable {
    /// What is waited for after the first failure, at most.
    public let first: Duration
    /// What no pause exceeds.
    public let longest: Duration

    /// Somebody on this server is at it and will be done soon: 5 ms to 100 ms.
    public static let contention = RetryPauses(first: .milliseconds(5), longest: .milliseconds(100))
    /// The way to the store was full: 20 ms to 1 s, so that it can empty.
    public static let congestion = RetryPauses(first: .milliseconds(20), longest: .seconds(1))
    /// A side is away, or an answer was lost: 20 ms to 2 s, so that a short outage stays short.
    public static let outage = RetryPauses(first: .milliseconds(20), longest: .seconds(2))
    /// Another server has it and was asked for it, and tells when it lets go: 250 ms to 2 s.
    public static let holder = RetryPauses(first: .milliseconds(250), longest: .seconds(2))
    /// An operator has to act first, for room on the disk, a permission or a migration: 1 s to 15 s.
    public static let operatorNeeded = RetryPauses(first: .seconds(1), longest: .seconds(15))
    /// The request itself is at fault: 5 s to a minute, for what must be tried again all the same.
    public static let request = RetryPauses(first: .seconds(5), longest: .seconds(60))

    private init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// The pause after so many failures in a row, from 1.
    ///
    /// - Parameter chance: Uniform in 0 to 1.
    public func pause(after failures: Int, chance: Double) -> Duration {
        // With sixteen doublings every class has reached its longest pause.
        let doublings = min(max(failures, 1) - 1, 16)
        return min(first * (1 << doublings), longest) * (0.5 + chance / 2)
    }
}

extension StoreError.Code {
    /// The pauses before a request that met this is sent again.
    public var retryPauses: RetryPauses {
        switch self {
        case .deadline: .congestion
        case .unavailable, .outcomeUnknown, .closed, .internalError: .outage
        case .diskFull, .denied, .wrongDeployment, .newerSchema, .notFound: .operatorNeeded
        default: .request
        }
    }
}
