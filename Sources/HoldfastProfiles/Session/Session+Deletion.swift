import HoldfastStorage

extension Session {
    /// Deletes the record and ends the session; durable, and a tombstone that raises the fence stays.
    ///
    /// - Throws: ``ProfileError`` as ``save(timeout:)``.
    public func delete(timeout: Duration? = nil) async throws(ProfileError) {
        if let refusal = fallbackRefusal(of: "delete") { throw refusal }
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.saveTimeout)
        let ticket = Ticket<Bool>()
        let submitted = host.jobs.submit {
            let result = await self.host.diagnostics.result(
                of: .session("delete", of: self.id)
            ) { await self.writeTombstone(until: deadline) }
            ticket.resolve(result.map { true })
        }
        guard submitted else {
            throw ProfileError(.notReady, "the coordinator has stopped", record: id)
        }
        _ = try await host.waits.value(of: ticket, until: deadline) { [id] in
            ProfileError(.outcomeUnknown, "the deletion has not been answered in time; still asking", record: id)
        }
    }

    private func writeTombstone(until deadline: ContinuousClock.Instant) async -> Result<Void, ProfileError> {
        await slot.take()
        defer { slot.give() }
        if let refusal = state.withLock({ $0.machine.refusal(of: "delete", record: id) }) { return .failure(refusal) }
        let draft = draft()
        let write = RecordWrite(
            id: id, fence: draft.token, nonce: draft.nonce, version: draft.version, saveID: .random(),
            change: .tombstone, releases: true
        )
        let scores = scores(of: nil, after: draft.version)
        let request = CommitRequest(
            writes: [write], projections: scores.submissions, generation: draft.generation)
        switch await Settler(host: host).settle(request, until: deadline, overdue: { _ in }) {
        case .committed:
            projected(scores)
            end(.deleted)
            // Readers without a lock would still be shown the copy of an earlier save.
            _ = try? await host.backend.unlock(id, token: 0)
            await giveUpLease(hot: nil)
            depart()
            return .success(())
        case .refused(let refusals):
            return .failure(await refused(write, refusals[0]))
        case .failed(let error):
            return .failure(ProfileError(error, record: id))
        }
    }
}
