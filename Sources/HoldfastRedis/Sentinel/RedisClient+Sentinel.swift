import NIOCore

extension RedisClient {
    /// Goes on with a command that a master under Sentinel did not execute, until the deadline.
    nonisolated(nonsending) func again(
        _ first: RedisConnection.Reply, _ lanes: LaneSet, _ lane: RedisLane, until deadline: NIODeadline,
        isScript: Bool, _ command: (_ bySource: Bool) -> RedisCommand
    ) async -> RedisConnection.Reply {
        var attempt = CommandAttempt(isScript: isScript)
        var generator = SystemRandomNumberGenerator()
        var reply = first
        while true {
            let left = Duration(deadline - .now())
            let (step, lesson) = attempt.judge(reply, from: nil, timeLeft: left, using: &generator)
            if case .success(.error(let error)) = reply { metrics.recordRefusal(error) }
            if lesson == .demoted { leave(lanes, lane) }
            switch step {
            case .finish: return reply
            case .send: break
            case .rest(let duration):
                do {
                    try await Task.sleep(for: duration)
                } catch {
                    return .failure(RedisError(.cancelled, "the task was cancelled before sending"))
                }
                if NIODeadline.now() >= deadline { return reply }
            }
            let words = command(attempt.needsSource)
            let timeout = max(deadline - .now(), .nanoseconds(1))
            reply = await lanes[lane].send(words, length: words.maximumLength, deadline: deadline, timeout: timeout)
            guard reply.needsJudgement else { return reply }
        }
    }

    /// Leaves the server that a lane leads to, on every lane: it is a master no longer.
    private func leave(_ lanes: LaneSet, _ lane: RedisLane) {
        guard let server = lanes[lane].server else { return }
        let reason = RedisError(.unavailable, "\(server.address) takes no writes any more")
        for lane in lanes.all where lane.server?.runID == server.runID { lane.leave(reason) }
        hub.leave(unlessAt: [])
    }
}
