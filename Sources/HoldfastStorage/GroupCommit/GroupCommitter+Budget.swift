// What the budget of requests asks of callers.

extension GroupCommitter {
    /// Waits until the budget has room for a request about `record` that does not come through here, a read.
    ///
    /// - Throws: ``StoreError``: `deadline` when it had none in time, `unavailable` when too many wait.
    package func awaitBudget(of record: RecordID?, timeout: Duration) async throws(StoreError) {
        try await passGate(record, isUrgent: false, until: .now + timeout)
    }

    /// Lets all requests about a record pass until ``stopHurrying(_:)``, those that wait included: its session ends.
    package func hurry(_ record: RecordID) {
        gate?.hurry(record)
    }

    /// Ends one ``hurry(_:)``.
    package func stopHurrying(_ record: RecordID) {
        gate?.stopHurrying(record)
    }

    /// Before `run()` nothing goes to the store, and nobody lets pass.
    func passGate(
        _ record: RecordID?, isUrgent: Bool, until deadline: ContinuousClock.Instant
    ) async throws(StoreError) {
        guard let gate, isRunning else { return }
        try await gate.pass(record, isUrgent: isUrgent, until: deadline)
    }
}
