public import HoldfastCoordination
public import HoldfastProfiles

/// One server of a ``TestFleet``.
public struct TestServer: Sendable {
    /// What a game's code is given.
    public let coordinator: Coordinator
    /// This server's own connection to the shared side: `goOffline()` and `pause()` cut off this server alone.
    public let link: InMemoryCoordinationBackend
    let task: Task<Void, any Error>

    /// Stops as a graceful shutdown does: saves and releases everything, then withdraws.
    ///
    /// - Throws: ``ProfileError`` with code `drainIncomplete` and the records that were not saved in time.
    public func drain() async throws {
        coordinator.requestDrain()
        try await task.value
    }

    /// Stops as a killed process does: nothing more is saved or released, and the beats stop.
    public func crash() async {
        task.cancel()
        _ = await task.result
    }
}
