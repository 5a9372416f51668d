import Synchronization

/// The channels of one memory store that somebody in this process holds.
final class AnnouncementHub: Sendable {
    private struct Weak {
        weak var channel: AnnouncementChannel?
    }

    private struct State {
        var channels: [String: Weak] = [:]
        /// Names are swept for channels that are gone whenever this many are known.
        var sweepAt = 64
        var isEnded = false
    }

    private let context: MemoryStore.Context
    private let state = Mutex(State())
    private let requests: AsyncStream<AnnouncementChannel>
    private let request: AsyncStream<AnnouncementChannel>.Continuation

    init(_ context: MemoryStore.Context) {
        self.context = context
        (requests, request) = AsyncStream.makeStream()
    }

    /// The one channel of this name.
    func channel(_ name: String) throws(MemoryStoreError) -> AnnouncementChannel {
        let logs = try AnnouncementLogs(context, channel: name)
        return state.withLock { state in
            if let channel = state.channels[name]?.channel { return channel }
            if state.channels.count >= state.sweepAt {
                state.channels = state.channels.filter { $0.value.channel != nil }
                state.sweepAt = max(64, state.channels.count * 2)
            }
            let channel = AnnouncementChannel(name: name, logs: logs) { [weak self] in self?.follow($0) ?? false }
            state.channels[name] = Weak(channel: channel)
            if state.isEnded { channel.end() }
            return channel
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
        let channels = state.withLock { state in
            state.isEnded = true
            return state.channels.values.compactMap(\.channel)
        }
        for channel in channels { channel.end() }
    }

    private func follow(_ channel: AnnouncementChannel) -> Bool {
        if case .terminated = request.yield(channel) { return false }
        return true
    }
}
