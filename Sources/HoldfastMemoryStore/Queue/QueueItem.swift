public import HoldfastStorage

/// One item of a queue as a reader gets it.
public struct QueueItem<Value: Sendable>: Sendable, Identifiable {
    /// Stays the same over all deliveries: what a reader remembers to recognise an item that it has handled before.
    public let id: RandomID
    /// What was added.
    public let value: Value
    /// Higher ones are read first.
    public let priority: Double
    /// How often it was read, with this time; a peek counts the times before.
    public let attempts: Int
    /// Milliseconds since 1970, UTC, by the clock of Redis, or of the store for a durable item.
    public let addedAtMillis: Int64
    /// Milliseconds since 1970, UTC, by the same clock; from then on it is never delivered or counted.
    public let expiresAtMillis: Int64
    /// Whether the store has it, too.
    public let isDurable: Bool

    init(_ stored: StoredQueueItem, value: Value) {
        self.id = stored.id
        self.value = value
        self.priority = stored.priority
        self.attempts = stored.attempts
        self.addedAtMillis = stored.addedAtMillis
        self.expiresAtMillis = stored.expiresAtMillis
        self.isDurable = stored.isDurable
    }
}

extension QueueItem: Equatable where Value: Equatable {}
