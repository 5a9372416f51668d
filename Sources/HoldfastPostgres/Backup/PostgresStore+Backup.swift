public import HoldfastStorage

extension PostgresStore: BackupStore {
    /// A read-only transaction of isolation level REPEATABLE READ on a connection of its own.
    ///
    /// Works through a PgBouncer in transaction mode; an operator's `max_standby_streaming_delay` or a timeout of the
    /// bouncer's may end it early, which is `unavailable`.
    public func openSnapshot() async throws(StoreError) -> any StoreSnapshot {
        _ = try await knownDeployment(for: .history)
        return try await PostgresSnapshot.open(ownLane("holdfast backup"), deployment: name)
    }

    /// One transaction on a connection of its own; whoever writes to this database, other deployments included, waits
    /// for its end.
    public func beginReplacement() async throws(StoreError) -> any StoreReplacement {
        let deployment = try await knownDeployment(for: .history).number
        return try await PostgresReplacement.begin(ownLane("holdfast restore"), deployment: deployment)
    }
}
