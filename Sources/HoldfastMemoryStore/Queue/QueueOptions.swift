/// How one handle reads a queue.
///
/// They belong to the handle: two handles of one queue may differ, and each batch keeps what its read was made with.
public struct QueueOptions: Sendable {
    /// How long the items of a batch stay invisible to other reads, unless the read says otherwise: 1 ms to 45 days.
    public var invisibilityTimeout: Duration
    /// How often an item may be read before it becomes a dead letter instead of coming back, 1 to 65,535; nil for as
    /// often as its life allows.
    public var maximumAttempts: Int?

    /// Makes options; by default 30 seconds and ten attempts.
    public init(invisibilityTimeout: Duration = .seconds(30), maximumAttempts: Int? = 10) {
        self.invisibilityTimeout = invisibilityTimeout
        self.maximumAttempts = maximumAttempts
    }

    func check() throws(MemoryStoreError) {
        _ = try QueueLimits.millis(invisible: invisibilityTimeout)
        guard maximumAttempts.map({ (1...65_535).contains($0) }) ?? true else {
            throw MemoryStoreError(.badInput, "an item has 1 to 65,535 attempts")
        }
    }
}
