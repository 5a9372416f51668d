public import HoldfastStorage

/// An item that was read as often as it may be and never removed.
public struct DeadLetter<Value: Sendable>: Sendable, Identifiable {
    /// The item's id.
    public let id: RandomID
    /// What was added; nil when it cannot be read as a `Value`, which may be why it died.
    public let value: Value?
    /// The item's priority.
    public let priority: Double
    /// How often it was read.
    public let attempts: Int
    /// Milliseconds since 1970, UTC.
    public let addedAtMillis: Int64
    /// Milliseconds since 1970, UTC, by Redis' clock.
    public let diedAtMillis: Int64
    /// Whether the store has it, too.
    public let isDurable: Bool
}

extension DeadLetter: Equatable where Value: Equatable {}
