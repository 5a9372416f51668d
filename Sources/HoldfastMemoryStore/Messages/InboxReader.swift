import DequeModule
import HoldfastRedis
import HoldfastStorage
import Logging

/// Takes messages from an inbox in batches, woken by hints.
actor InboxReader {
    private let queue: InboxQueue
    private let hidden: Duration
    private let batch: Int
    private var items: Deque<(item: InboxQueue.Item, until: ContinuousClock.Instant)> = []
    private var hints: RedisSubscription?

    init(queue: InboxQueue, hidden: Duration, batch: Int) {
        self.queue = queue
        self.hidden = hidden
        self.batch = batch
    }

    /// The next message; nil when the task was cancelled.
    func next() async -> InboxQueue.Item? {
        while !Task.isCancelled {
            // What waited here for too long is delivered again, maybe to another.
            while let (item, until) = items.popFirst() {
                if .now < until { return item }
            }
            let asked = ContinuousClock.now
            do throws(MemoryStoreError) {
                for item in try await queue.receive(batch, redeliverAfter: hidden) {
                    items.append((item, asked + hidden))
                }
            } catch {
                queue.context.logger.debug(
                    "an inbox could not be read",
                    metadata: ["holdfast.server": "\(queue.server)", "holdfast.error": "\(error)"])
            }
            guard items.isEmpty else { continue }
            // Subscribed before the second look, so that no message comes between.
            if hints == nil {
                hints = queue.context.redis.subscribe(queue.keys.hints)
            } else {
                _ = await hints?.wait(atMost: min(.floor, hidden))
            }
        }
        return nil
    }
}
