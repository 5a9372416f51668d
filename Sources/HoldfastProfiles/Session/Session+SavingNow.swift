extension Session {
    /// Saves now as ``save(timeout:)`` does, an emergency ahead of the store's budget; durable when it returns.
    ///
    /// An emergency, and what waits of this profile before it, passes the requests of all others that
    /// ``CoordinatorConfiguration/budget`` holds up, and takes its room from them. Without a budget nothing waits, and
    /// both are the same.
    ///
    /// - Throws: ``ProfileError`` as ``save(timeout:)``.
    @discardableResult
    public func save(priority: WorkPriority, timeout: Duration? = nil) async throws(ProfileError) -> SaveReceipt {
        guard priority == .emergency else { return try await save(timeout: timeout) }
        host.committer.hurry(id)
        defer { host.committer.stopHurrying(id) }
        return try await save(timeout: timeout)
    }

    /// Has the document saved now, in the background; durable once the store has it, which nobody waits for here.
    ///
    /// ``CollectionOptions/afterSave(_:)`` and ``lastSaved`` tell when. What fails is tried again on schedule. Nothing
    /// happens where the session is over or a fallback.
    public func saveInBackground() {
        requestSave()
    }
}
