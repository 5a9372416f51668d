extension DurableStore {
    /// Erases again whom remembered erasures name, durably; returns how many records there were.
    ///
    /// That is every record that names the person and was not written since. Safe to repeat. Finishes an erasure that
    /// was interrupted, and repeats it after a restore. Who came back after the erasure keeps what was written then.
    /// Asks the store once for each erasure.
    ///
    /// - Throws: ``StoreError``; what was erased until then stays so.
    public func reapplyErasures() async throws(StoreError) -> Int {
        var (count, after): (Int, String?) = (0, nil)
        while true {
            let page = try await erasures(after: after, limit: DurableStoreLimits.page)
            for erasure in page { count += try await reapply(erasure) }
            guard page.count == DurableStoreLimits.page, !Task.isCancelled else { return count }
            after = page.last?.userID
        }
    }

    /// Whether one of these people was erased at a time or later, in milliseconds since 1970, UTC.
    package func wasErased(anyOf userIDs: [String], since millis: Int64) async throws(StoreError) -> Bool {
        guard !userIDs.isEmpty else { return false }
        let names = Set(userIDs.map { Array($0.utf8) })
        var after: String?
        while true {
            let page = try await erasures(after: after, limit: DurableStoreLimits.page)
            for erasure in page where erasure.rememberedAtMillis >= millis {
                if names.contains(Array(erasure.userID.utf8)) { return true }
            }
            guard page.count == DurableStoreLimits.page else { return false }
            after = page.last?.userID
        }
    }

    private func reapply(_ erasure: Erasure) async throws(StoreError) -> Int {
        var (count, after): (Int, RecordID?) = (0, nil)
        while true {
            let page = try await records(ofUser: erasure.userID, after: after, limit: DurableStoreLimits.page)
            for id in page {
                guard let row = try await read(id), row.content != nil,
                    row.updatedAtMillis <= erasure.rememberedAtMillis
                else { continue }
                if try await erase(id) { count += 1 }
            }
            guard page.count == DurableStoreLimits.page, !Task.isCancelled else { return count }
            after = page.last
        }
    }
}
