import HoldfastStorage

extension Session {
    /// Ends as deleted, without saving, where the record was erased since this session took it.
    ///
    /// A session that is not told can save nothing either, and ends as superseded.
    func checkErasure() async {
        await slot.take()
        defer { slot.give() }
        guard !isEnded, !isFallback, let row = try? await host.store.read(id) else { return }
        let token = state.withLock { $0.machine.token }
        guard row.content == nil, row.fence > token else { return }
        end(.deleted)
        await giveUpLease(hot: nil)
        depart()
    }
}
