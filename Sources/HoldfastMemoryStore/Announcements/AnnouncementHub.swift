import Synchronization

/// The channels of one memory store that somebody in this process holds.
final class AnnouncementHub: Sendable {
    private let context: MemoryStore.Context
    private let channels = WeakRegistry<AnnouncementChannel>()
    private let requests: AsyncStream<AnnouncementChannel>
    private let request: AsyncStream<AnnouncementChannel>.Continuation

    init(_ context: MemoryStore.Context) {
        self.context = context
        (requests, request) = AsyncStream.makeStream()
    }

    /// The one channel of this name.
    func channel(_ name: String) throws(MemoryStoreError) -> AnnouncementChannel {
        let logs = try AnnouncementLogs(context, channel: name)
        return channels.value(name) {
            AnnouncementChannel(name: name, logs: logs) { [weak self] in self?.follow($0) ?? false }
        }
    }

    /// Runs the readers of all channels that have subscribers, until cancelled; then ends all subscriptions.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await channel in requests {
                group.addTask { await channel.read() }
            }
            group.cancelAll()
        }
        request.finish()
        for channel in channels.all { channel.end() }
    }

    /// False once nothing is run any more.
    private func follow(_ channel: AnnouncementChannel) -> Bool {
        if case .terminated = request.yield(channel) { return false }
        return true
    }
}
