/// A store whose calls are told to a watch.
package struct WatchedStore: StoreRelay {
    package let store: any DurableStore
    private let watch: any CallWatch

    package init(_ store: any DurableStore, watch: any CallWatch) {
        self.store = store
        self.watch = watch
    }

    package func relay<Result: Sendable>(
        _ call: StoreCall, of record: RecordID?, _ body: (any DurableStore) async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let began = ContinuousClock.now
        do {
            let result = try await watch.inSpan(
                "store \(call.name)", .call(.store, call.name, record: record)
            ) { () async throws(StoreError) in try await body(store) }
            if watch.isTracing {
                watch.finished(FinishedCall(.store, call.name, record: record, took: began.duration(to: .now)))
            }
            return result
        } catch {
            watch.finished(
                FinishedCall(.store, call.name, record: record, took: began.duration(to: .now), failure: .init(error)))
            throw error
        }
    }
}
