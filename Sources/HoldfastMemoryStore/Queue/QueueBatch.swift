public import HoldfastStorage

/// Items that one read took, under one id.
///
/// Until the time is over no other read gets them. Handle them, then remove the batch; otherwise they come back.
public struct QueueBatch<Value: Sendable>: Sendable {
    /// What to pass to ``Queue/remove(_:)``, ``Queue/extend(_:by:)`` and ``Queue/release(_:items:after:)``.
    public let id: RandomID
    /// In the order of delivery; never empty.
    public let items: [QueueItem<Value>]
    /// By this process' clock, counted from before the request: until then, at least, they are nobody else's.
    public let invisibleUntil: ContinuousClock.Instant

    /// The values alone.
    public var values: [Value] { items.map(\.value) }
}
