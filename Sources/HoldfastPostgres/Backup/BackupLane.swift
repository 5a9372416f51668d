import HoldfastStorage

/// A connection of its own, whose one transaction spans several calls.
struct BackupLane: Sendable {
    /// For statements over a whole deployment.
    static let longTimeout = Duration.seconds(3_600)

    let lane: ConnectionLane

    /// Sends statements as one pipeline, inside whatever transaction the connection is in.
    ///
    /// An error ends that transaction.
    @discardableResult
    func run(_ statements: [Statement]) async throws(StoreError) -> [QueryResult] {
        try await lane.run(Batch(kind: .read, statements: statements), within: Self.longTimeout)
    }

    /// The server gives up on a side that is gone, and this side on a server that hangs.
    static var settings: Statement {
        var timeouts = Parameters()
        timeouts.add("3500s")
        timeouts.add("300s")
        return Statement(SQL.longSettings, timeouts)
    }

    /// Ends what is left of the transaction, and the connection; repeating it does nothing.
    func close() async {
        _ = try? await run([Statement(SQL.rollback)])
        await lane.close()
    }
}
