import HoldfastStorage
import Testing

/// Operations in a store of a layout before 3, which has neither times nor progress for them.
///
/// - Parameter session: Sealed, at the row's version.
func expectOperationsWithoutTimes(_ store: any DurableStore, _ session: StoreActor) async throws {
    #expect(try await store.deliver(delivery("old", to: session.id)) == .delivered)
    #expect(try await store.deliver(delivery("old", to: session.id)) == .duplicate(.pending))
    let settlements = [
        Settlement(record: session.id, id: try OperationID("old"), state: .pending, attempts: 1, retryAfterMillis: 5)
    ]
    let outcome = try await store.commit(
        [session.write(.none)], settlements: settlements, deliveries: [try delivery("beside", to: session.id)])
    #expect(outcome == .committed)
    let pending = try await store.pendingOperations(of: [session.id])
    #expect(pending.map(\.id.description) == ["old", "beside"] && pending.map(\.attempts) == [1, 0])
    #expect(pending.allSatisfy { $0.dueAtMillis == nil && $0.expiresAtMillis == nil && $0.progress == nil })
    #expect(try await session.seal(store).sealed?.pending.count == 2)
    let applied = [Settlement(record: session.id, id: try OperationID("old"), state: .applied, attempts: 1)]
    #expect(try await store.commit([session.write(.none)], settlements: applied) == .committed)
    #expect(try await store.operation(OperationID("old"), of: session.id)?.state == .applied)
    #expect(try await store.operations(of: session.id, after: 0, limit: 10).map(\.state) == [.applied, .pending])

    let timed = Delivery(
        record: session.id, id: try OperationID("timed"), type: "reward", payload: [0x31], timeToLiveMillis: 1_000)
    let begun = Settlement(
        record: session.id, id: try OperationID("beside"), state: .pending, attempts: 0, progress: [0x31])
    let calls: [@Sendable () async throws -> Void] = [
        { _ = try await store.deliver(timed) },
        { _ = try await store.commit([session.write(.none)], settlements: [begun]) },
        { _ = try await store.cancelOperation(OperationID("beside"), of: session.id) },
        { _ = try await store.requeueOperation(OperationID("beside"), of: session.id, as: OperationID("new")) },
        { _ = try await store.operations(withID: OperationID("beside"), after: 0, limit: 1) },
        { _ = try await store.deadOperations(in: nil, after: 0, limit: 1) },
        { _ = try await store.expireOperations(of: session.id) },
        { _ = try await store.shortenReceipts(finishedBefore: 0, limit: 1) },
    ]
    for call in calls {
        let error = await #expect(throws: StoreError.self) { try await call() }
        #expect(error?.code == .wrongDeployment && error?.message.contains("holdfast migrate") == true)
    }
}
