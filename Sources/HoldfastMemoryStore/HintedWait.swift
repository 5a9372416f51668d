import HoldfastRedis

extension RedisSubscription {
    /// Waits for a hint, but never longer than `limit`.
    ///
    /// - Returns: What came; nil when the time passed or the task was cancelled.
    func wait(atMost limit: Duration) async -> Event? {
        await withTaskGroup(of: Event?.self) { group in
            group.addTask {
                var events = self.makeAsyncIterator()
                if let event = await events.next() { return event }
                // Ended: there are no hints any more, and the time has to pass all the same.
                try? await Task.sleep(for: limit)
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

extension Duration {
    /// One to two seconds, by lot: how often is looked for what no hint has told.
    static var floor: Duration { .milliseconds(Int64.random(in: 1_000...2_000)) }
}
