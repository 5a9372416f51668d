import HoldfastStorage

/// How often an operation of a type is tried, and how long it rests in between.
public struct OperationPolicy: Sendable {
    /// How often one change, or one step, may fail before the operation becomes a dead letter; at least 1.
    public var maximumAttempts: Int
    /// The pause after the first failure; each further one doubles it.
    public var firstPause: Duration
    /// What the pause grows to at most; at most 400 days.
    public var longestPause: Duration
    /// How many steps a ``SteppedOperation`` may take before it becomes a dead letter; at least 1.
    public var maximumSteps: Int

    /// Joins the values; ten attempts over some eight minutes unless told otherwise.
    public init(
        maximumAttempts: Int = 10, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(300),
        maximumSteps: Int = 1_000
    ) {
        self.maximumAttempts = maximumAttempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.maximumSteps = maximumSteps
    }

    /// What is wrong with it, or nil.
    var problem: String? {
        guard maximumAttempts >= 1, maximumSteps >= 1 else { return "an operation has at least one attempt and step" }
        let longest = Duration.milliseconds(Delivery.maximumWaitMillis)
        guard firstPause >= .zero, firstPause <= longestPause, longestPause <= longest else {
            return "pauses must satisfy 0 <= first <= longest <= 400 days"
        }
        return nil
    }

    /// The pause after a number of failures; nil when no more attempt follows.
    func pause(after failures: Int) -> Duration? {
        guard failures < maximumAttempts else { return nil }
        // A pause of a millisecond passes 400 days after 36 doublings.
        return min(firstPause * (1 << min(max(failures - 1, 0), 40)), longestPause)
    }
}

/// What a session does with an operation whose type its collection does not handle.
public enum UnknownOperations: Sendable {
    /// Leaves it pending: a newer server may know it.
    case keep
    /// Settles it as cancelled.
    case cancel
    /// Makes it a dead letter, which keeps its payload and can be requeued.
    case deadLetter
}

/// Thrown by an operation that would fail however often it is tried: it becomes a dead letter at once.
public struct OperationRefusal: Error, CustomStringConvertible {
    /// Why; stored with the dead letter.
    public let description: String

    /// Gives the reason, which is stored cut to 1,000 bytes.
    public init(_ reason: String) {
        description = reason
    }
}
