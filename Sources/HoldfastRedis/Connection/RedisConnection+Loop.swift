import NIOCore

extension RedisConnection {
    /// From how many replies at once on their callers are given a moment to come back together.
    private static var burst: Int { 8 }
    private static var gatheringTime: TimeAmount { .microseconds(100) }

    func scheduleDrain() {
        let isNeeded = state.withLock { state in
            guard state.channel != nil, state.queue.hasUnwritten, !state.isDrainScheduled else { return false }
            state.isDrainScheduled = true
            return true
        }
        if isNeeded { eventLoop.execute { self.drain() } }
    }

    /// Writes what is queued, if the socket takes it, and sets the timer.
    func drain() {
        let (channel, bytes, deadline) = state.withLock { state in
            state.isDrainScheduled = false
            state.gathering = 0
            let channel = state.channel
            let bytes = channel?.isWritable == true ? state.queue.takeOutbound() : nil
            return (channel, bytes, state.timerDeadline)
        }
        if let channel, let bytes { channel.writeAndFlush(bytes, promise: nil) }
        setTimer(deadline)
    }

    func becameWritable() {
        drain()
    }

    func received(_ replies: [RedisValue]) throws(RedisError) {
        let now = NIODeadline.now()
        var completed: [(Caller, RedisValue)] = []
        completed.reserveCapacity(replies.count)
        let (isSurplus, needsDrain, gathers, leaving) = state.withLock { state in
            state.lastRead = now
            var isSurplus = false
            for reply in replies {
                switch state.queue.takeReplied() {
                case .caller(let caller): completed.append((caller, reply))
                case .nobody: break
                case .unexpected: isSurplus = true
                }
            }
            state.queue.admitWaiters()
            // Callers of one read come back one by one; written one by one, they would stay apart for ever.
            let gathers =
                completed.count >= Self.burst && state.queue.unwritten < completed.count / 2 && !state.isDrainScheduled
            if gathers {
                state.isDrainScheduled = true
                state.gathering = completed.count / 2
            }
            let leaving = state.queue.written == 0 ? state.leaving : nil
            return (isSurplus, state.queue.isWorthWriting && !state.isDrainScheduled, gathers, leaving)
        }
        for (caller, reply) in completed { caller.resume(returning: .success(reply)) }
        if gathers { eventLoop.scheduleTask(in: Self.gatheringTime) { self.drain() } }
        leaving?.close(promise: nil)
        if isSurplus { throw RedisError(.protocolViolation, "Redis sent a reply that nobody asked for") }
        if needsDrain { drain() }
    }

    func opened(_ channel: any Channel, server: RedisServer) {
        let isWanted = state.withLock { state in
            // The client may have ended, or the server been given up, while this connection was made.
            if state.situation.isFinal { return false }
            state.channel = channel
            state.server = server
            state.situation = .connected
            state.lastRead = .now()
            return true
        }
        guard isWanted else { return channel.close(promise: nil) }
        drain()
    }

    func closed(_ reason: RedisError) {
        let callers = state.withLock { state in
            state.channel = nil
            state.leaving = nil
            state.server = nil
            state.lastRead = nil
            if case .connected = state.situation { state.situation = .connecting(reason) }
            return state.queue.connectionLost()
        }
        guard !callers.isEmpty else { return }
        let error = RedisError(
            .outcomeUnknown, "the connection was lost before the reply: \(reason.message)", underlying: reason)
        for caller in callers { caller.resume(returning: .failure(error)) }
    }

    // MARK: Time

    private func setTimer(_ deadline: NIODeadline?) {
        guard let deadline, alarm.value.map({ deadline < $0.deadline }) ?? true else { return }
        alarm.value?.scheduled.cancel()
        alarm.value = Alarm(
            deadline: deadline, scheduled: eventLoop.scheduleTask(deadline: deadline) { self.timerFired() })
    }

    private func timerFired() {
        alarm.value = nil
        let now = NIODeadline.now()
        let (expiry, situation, channel) = state.withLock { state in
            let expiry = state.queue.expire(now: now, lastRead: state.lastRead)
            state.timerDeadline = expiry.next
            return (expiry, state.situation, state.channel ?? state.leaving)
        }
        if !expiry.written.isEmpty {
            let error = RedisError(.outcomeUnknown, "no reply before the deadline; the command may take effect")
            for caller in expiry.written { caller.resume(returning: .failure(error)) }
        }
        if !expiry.unsent.isEmpty {
            let error = unsentError(situation)
            for caller in expiry.unsent { caller.resume(returning: .failure(error)) }
        }
        // A peer that vanished without a word, or one that is frozen: a fresh connection tells. Closing takes TLS a
        // while, in which nothing more may be written to this one.
        if expiry.isStalled, let channel {
            closed(RedisError(.unavailable, "\(place) owes replies and is silent"))
            channel.close(promise: nil)
        }
        drain()
    }

    private func unsentError(_ situation: Situation) -> RedisError {
        switch situation {
        case .notRunning:
            RedisError(
                .notRunning,
                "the Redis client is not running: call its run(), or put it into the ServiceGroup before its users")
        case .connecting(let error):
            RedisError(
                .deadline,
                "not sent before the deadline: no connection to \(place)\(error.map { ": \($0.message)" } ?? "")",
                underlying: error)
        case .connected:
            RedisError(.deadline, "not sent before the deadline: \(place) does not keep up")
        case .refused(let error), .retired(let error): error
        case .closed: RedisError(.closed, "the Redis client is shut down")
        }
    }
}
