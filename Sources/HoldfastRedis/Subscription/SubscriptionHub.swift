import Logging
import NIOCore
import Synchronization

/// All subscriptions of a client, over one connection of their own.
///
/// The connection is opened at the first subscription. After each reconnect every channel is subscribed again,
/// and its readers get a marker once Redis has confirmed it.
final class SubscriptionHub: ConnectionUser {
    private struct Channel {
        var buffers: [SubscriptionBuffer] = []
        /// Whether Redis has confirmed the subscription on the current connection.
        var isConfirmed = false
        /// Confirmations still to come: only the last one counts.
        var pending = 0
    }

    private struct State {
        var channels: [String: Channel] = [:]
        var connection: (any NIOCore.Channel)?
        /// Where it leads.
        var address: RedisConfiguration.Address?
        /// Bytes came in since the last look.
        var isAlive = true
        var isStarted = false
        var isClosed = false
    }

    let name: String
    let isRetired = false
    let eventLoop: any EventLoop
    private let keepAlive: TimeAmount
    private let logger: Logger
    private let metrics: RedisMetrics
    private let start: @Sendable (SubscriptionHub) -> Void
    private let state = Mutex(State())

    /// Asks for its connection through `start` when the first subscription is made.
    ///
    /// A connection that is silent for two rounds of `keepAlive` is given up.
    init(
        name: String = "subscriptions", eventLoop: any EventLoop, keepAlive: TimeAmount, logger: Logger,
        metrics: RedisMetrics, start: @escaping @Sendable (SubscriptionHub) -> Void
    ) {
        self.name = name
        self.eventLoop = eventLoop
        self.keepAlive = keepAlive
        self.logger = logger
        self.metrics = metrics
        self.start = start
    }

    /// Whether there is a connection now.
    var isConnected: Bool { state.withLock { $0.connection != nil } }

    // MARK: Subscribers

    func subscribe(_ channel: String) -> RedisSubscription {
        let buffer = SubscriptionBuffer(limit: RedisSubscription.maximumBuffered)
        let (isClosed, needsStart, isConfirmed) = state.withLock { state in
            guard !state.isClosed else { return (true, false, false) }
            let isNew = state.channels[channel] == nil
            state.channels[channel, default: Channel()].buffers.append(buffer)
            if isNew { send("SUBSCRIBE", [channel], &state) }
            defer { state.isStarted = true }
            return (false, !state.isStarted, state.channels[channel]?.isConfirmed ?? false)
        }
        if isClosed { buffer.finish() }
        if isConfirmed { deliver(.reconnected, to: [buffer]) }
        if needsStart { start(self) }
        return RedisSubscription(channel: channel, buffer: buffer) { [weak self] buffer in
            self?.remove(buffer, from: channel)
        }
    }

    private func remove(_ buffer: SubscriptionBuffer, from channel: String) {
        state.withLock { state in
            guard let index = state.channels[channel]?.buffers.firstIndex(where: { $0 === buffer }) else { return }
            state.channels[channel]?.buffers.remove(at: index)
            if state.channels[channel]?.buffers.isEmpty == true {
                state.channels[channel] = nil
                send("UNSUBSCRIBE", [channel], &state)
            }
        }
    }

    // MARK: Connection

    func opened(_ connection: any NIOCore.Channel, server: RedisServer) {
        // The client may have ended while this connection was made.
        guard !state.withLock({ $0.isClosed }) else { return connection.close(promise: nil) }
        state.withLock { state in
            state.connection = connection
            state.address = server.address
            state.isAlive = true
            for channel in state.channels.keys {
                state.channels[channel]?.isConfirmed = false
                state.channels[channel]?.pending = 0
            }
            send("SUBSCRIBE", state.channels.keys.sorted(), &state)
        }
        watch(connection)
    }

    func received(_ replies: [RedisValue]) throws(RedisError) {
        var deliveries: [(RedisSubscription.Event, [SubscriptionBuffer])] = []
        var refusal: RedisServerError?
        state.withLock { state in
            state.isAlive = true
            for reply in replies {
                if case .error(let error) = reply { refusal = error }
                guard let parts = reply.array, parts.count >= 2, let channel = parts[1].string else { continue }
                switch parts[0].string {
                case "message" where parts.count == 3:
                    if let buffers = state.channels[channel]?.buffers, let bytes = parts[2].bytes {
                        deliveries.append((.message(bytes), buffers))
                    }
                case "subscribe":
                    guard var entry = state.channels[channel] else { continue }
                    entry.pending = max(0, entry.pending - 1)
                    entry.isConfirmed = entry.pending == 0
                    if entry.isConfirmed { deliveries.append((.reconnected, entry.buffers)) }
                    state.channels[channel] = entry
                default: break
                }
            }
        }
        for (event, buffers) in deliveries { deliver(event, to: buffers) }
        if let refusal { throw RedisError(refusal) }
    }

    func becameWritable() {}

    /// Gives the connection up unless it leads to one of these servers.
    ///
    /// One that has left its cluster hears nothing any more.
    func leave(unlessAt addresses: Set<RedisConfiguration.Address>) {
        let connection = state.withLock { state in
            state.address.map { addresses.contains($0) } ?? true ? nil : state.connection
        }
        connection?.close(promise: nil)
    }

    func closed(_ reason: RedisError) {
        forgetConnection()
        logger.debug("subscriptions interrupted", metadata: ["holdfast.error": "\(reason)"])
    }

    func failed(_ reason: RedisError) {
        forgetConnection()
    }

    /// Ends every subscription.
    func shutDown() {
        let buffers = state.withLock { state in
            state.isClosed = true
            state.connection = nil
            defer { state.channels = [:] }
            return state.channels.values.flatMap(\.buffers)
        }
        for buffer in buffers { buffer.finish() }
    }

    private func forgetConnection() {
        state.withLock { state in
            state.connection = nil
            for channel in state.channels.keys { state.channels[channel]?.isConfirmed = false }
        }
    }

    private func deliver(_ event: RedisSubscription.Event, to buffers: [SubscriptionBuffer]) {
        for buffer in buffers {
            let dropped = buffer.yield(event)
            if dropped > 0 { metrics.droppedMessages.increment(by: dropped) }
        }
    }

    /// Writes a command if there is a connection.
    ///
    /// Called under the lock, so that the order of commands is that of the changes they follow; written later, since a
    /// write that fails on the event loop closes the connection, and thereby comes back here, before it returns.
    private func send(_ command: String, _ channels: [String], _ state: inout State) {
        guard let connection = state.connection, !channels.isEmpty else { return }
        if command == "SUBSCRIBE" {
            for channel in channels { state.channels[channel]?.pending += 1 }
        }
        var bytes = ByteBuffer()
        _ = RedisCommand.plain([.string(command)] + channels.map { .string($0) }).encode(into: &bytes)
        eventLoop.execute { [bytes] in connection.writeAndFlush(bytes, promise: nil) }
    }

    /// Pings a silent connection, and closes one that does not answer.
    private func watch(_ connection: any NIOCore.Channel) {
        eventLoop.scheduleTask(in: keepAlive) { [weak self] in
            guard let self, connection.isActive else { return }
            let isSilent = self.state.withLock { state in
                defer { state.isAlive = false }
                return !state.isAlive
            }
            guard !isSilent else { return connection.close(promise: nil) }
            var bytes = ByteBuffer()
            _ = RedisCommand.plain(["PING"]).encode(into: &bytes)
            connection.writeAndFlush(bytes, promise: nil)
            self.watch(connection)
        }
    }
}
