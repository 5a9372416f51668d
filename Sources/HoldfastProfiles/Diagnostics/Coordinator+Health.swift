extension Coordinator {
    /// Whether calls to Redis and the store keep failing; fast, from memory.
    public var health: Health { host.diagnostics.health }

    /// Whether this server is critical: ``HealthPolicy/failures`` failures in a window, and no recovery since.
    ///
    /// A game may stop letting players in until it is over; what is open goes on, and what is edited is kept.
    public var isCritical: Bool { host.diagnostics.health.isCritical }

    /// The server's health now, then whenever it changes; ends when the coordinator stops.
    public func healthUpdates() -> AsyncStream<Health> { host.diagnostics.updates() }
}
