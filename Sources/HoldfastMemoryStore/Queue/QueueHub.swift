import Synchronization

/// The queues of one memory store that somebody in this process holds, and the work that goes on behind them.
final class QueueHub: Sendable {
    private typealias Job = @Sendable () async -> Void

    private let context: MemoryStore.Context
    private let queues = WeakRegistry<SharedQueue>()
    private let isInUse = Atomic(false)
    private let jobs: AsyncStream<Job>
    private let job: AsyncStream<Job>.Continuation

    init(_ context: MemoryStore.Context) {
        self.context = context
        (jobs, job) = AsyncStream.makeStream()
    }

    /// The one queue of this name.
    func queue(_ name: String, limits: QueueLimits) -> SharedQueue {
        if !isInUse.exchange(true, ordering: .relaxed) {
            job.yield { [weak self] in
                if let self { await QueueDuties(self.context, hub: self).run() }
            }
        }
        return queues.value(name) { SharedQueue(context, name: name, limits: limits) { [job] in job.yield($0) } }
    }

    /// The names that this process uses.
    var names: [String] { queues.all.map(\.name) }

    /// The queue as this process uses it, or one for the moment.
    func borrow(_ name: String) -> SharedQueue { queue(name, limits: QueueLimits()) }

    /// Runs what queues ask for until cancelled; nothing in a process that uses none.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                group.addTask { await job() }
            }
            group.cancelAll()
        }
    }
}
