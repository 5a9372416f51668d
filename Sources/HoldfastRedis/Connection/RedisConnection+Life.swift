import NIOCore

extension RedisConnection {
    /// How long a connection that is given up may take for its last replies.
    private static var leavingTime: TimeAmount { .seconds(1) }

    /// The client runs now: a connection is on its way.
    func connecting() {
        state.withLock { state in
            if case .notRunning = state.situation { state.situation = .connecting(nil) }
        }
    }

    func failed(_ reason: RedisError) {
        // Waiting cures neither wrong credentials nor a wrong configuration, so nobody is kept waiting for it.
        guard reason.isPermanent else {
            return state.withLock { state in
                if state.situation.isFinal { return }
                state.situation = .connecting(reason)
            }
        }
        let callers = state.withLock { state -> [Caller] in
            if state.situation.isFinal { return [] }
            state.situation = .refused(reason)
            return state.queue.failUnsent()
        }
        for caller in callers { caller.resume(returning: .failure(reason)) }
    }

    /// Gives the current connection up, for the server is no longer the right one.
    ///
    /// It gets a moment for the replies that it owes, but no further commands: those wait for the next connection.
    func leave(_ reason: RedisError) {
        let channel = state.withLock { state in
            guard let channel = state.channel else { return (any Channel)?.none }
            state.situation = .connecting(reason)
            state.stepBack()
            return channel
        }
        if let channel { close(channel) }
    }

    /// Gives the server up for good.
    ///
    /// Unsent commands fail with `reason`, which is `unavailable`, so that their callers look for another server; what
    /// was sent has a moment for its reply.
    func retire(_ reason: RedisError) {
        let (channel, callers) = state.withLock { state -> ((any Channel)?, [Caller]) in
            if state.situation.isFinal { return (nil, []) }
            state.situation = .retired(reason)
            let channel = state.channel
            state.stepBack()
            return (channel, state.queue.failUnsent())
        }
        for caller in callers { caller.resume(returning: .failure(reason)) }
        if let channel { close(channel) }
    }

    /// Whether it was given up for good.
    var isRetired: Bool {
        state.withLock { state in
            if case .retired = state.situation { true } else { false }
        }
    }

    /// How the lane is at the moment.
    var condition: Condition {
        state.withLock { state in
            if let lastRead = state.lastRead, let since = state.queue.silentSince(lastRead) {
                return .owed(since: since)
            }
            return state.channel == nil && state.queue.isHeldUp ? .cutOff : .idle
        }
    }

    /// Whether it is connected and takes commands.
    var isConnected: Bool { state.withLock { $0.channel != nil } }

    private func close(_ channel: any Channel) {
        guard state.withLock({ $0.queue.written > 0 }) else { return channel.close(promise: nil) }
        eventLoop.scheduleTask(in: Self.leavingTime) { channel.close(promise: nil) }
    }

    /// The client has ended: nobody waits any longer, and nobody will.
    func shutDown() {
        let (written, unsent) = state.withLock { state in
            state.situation = .closed
            state.channel = nil
            state.leaving = nil
            state.server = nil
            let unsent = state.queue.failUnsent()
            return (state.queue.connectionLost(), unsent)
        }
        let unknown = RedisError(.outcomeUnknown, "the Redis client was shut down before the reply")
        for caller in written { caller.resume(returning: .failure(unknown)) }
        let closed = RedisError(.closed, "the Redis client is shut down")
        for caller in unsent { caller.resume(returning: .failure(closed)) }
    }
}
